import { X } from "lucide-react"
import { Toast as Radix } from "radix-ui"
import { useTranslation } from "react-i18next"
import { create } from "zustand"
import { Button } from "./button"
import { NoticeIcon, type NoticeKind } from "./notice"

export interface ToastAction {
  label: string
  run: () => void
}

interface ToastEntry {
  id: number
  kind: NoticeKind
  title: string
  body: string | undefined
  action: ToastAction | undefined
  /** Unix ms. */
  at: number
}

interface Shelf {
  /** Those in sight. */
  toasts: readonly ToastEntry[]
  /** Those of this visit, oldest first. */
  past: readonly ToastEntry[]
  seenId: number
}

/** More at once would cover the page. */
const MOST = 4
const DURATION_MS = 5_000
/** What went wrong, and what can be undone, stays longer. */
const LONG_MS = 10_000

/** So many are kept to be read later. */
const MOST_PAST = 50

const useShelf = create<Shelf>(() => ({ toasts: [], past: [], seenId: 0 }))
let last = 0

/** Tells something that needs no answer, in a corner, read out politely; returns its id. */
export function toast(kind: NoticeKind, title: string, body?: string, action?: ToastAction): number {
  last += 1
  const entry: ToastEntry = { id: last, kind, title, body, action, at: Date.now() }
  useShelf.setState(({ toasts, past }) => ({
    toasts: [...toasts, entry].slice(-MOST),
    past: [...past, entry].slice(-MOST_PAST),
  }))
  return entry.id
}

/** Takes a toast away before its time. */
export function dismiss(id: number): void {
  useShelf.setState(({ toasts }) => ({ toasts: toasts.filter((each) => each.id !== id) }))
}

/** Every toast of this visit, and how many of them came since the list was last opened. */
export function usePastToasts(): { past: readonly ToastEntry[]; unseen: number } {
  const { past, seenId } = useShelf()
  return { past, unseen: past.filter((entry) => entry.id > seenId).length }
}

/** Notes that the list of past toasts was read. */
export function markSeen(): void {
  useShelf.setState({ seenId: last })
}

/** Forgets what was told to somebody who is gone. */
export function forgetToasts(): void {
  useShelf.setState({ toasts: [], past: [] })
}

/** Where toasts show; the shell has it once. */
export function Toasts() {
  const { t } = useTranslation()
  const toasts = useShelf((shelf) => shelf.toasts)
  return (
    <Radix.Provider label={t("toast.one")} swipeDirection="down">
      {toasts.map((entry) => (
        <One key={entry.id} entry={entry} />
      ))}
      <Radix.Viewport
        label={t("toast.all")}
        className="toasts fixed end-0 bottom-0 z-50 flex w-[min(24rem,100vw)] flex-col gap-2 p-4 outline-none"
      />
    </Radix.Provider>
  )
}

function One({ entry }: { entry: ToastEntry }) {
  const { t } = useTranslation()
  const stays = entry.kind === "down" || entry.action !== undefined
  return (
    <Radix.Root
      type={entry.kind === "down" ? "foreground" : "background"}
      duration={stays ? LONG_MS : DURATION_MS}
      onOpenChange={(open) => !open && dismiss(entry.id)}
      className="rise flex items-start gap-3 rounded-popover border border-line-strong bg-raised p-3 text-13 shadow-float"
    >
      <NoticeIcon kind={entry.kind} />
      <div className="min-w-0 flex-1">
        <Radix.Title className="font-medium">{entry.title}</Radix.Title>
        {entry.body !== undefined && (
          <Radix.Description className="mt-0.5 text-12 text-muted">{entry.body}</Radix.Description>
        )}
      </div>
      {entry.action && (
        <Radix.Action asChild altText={entry.action.label}>
          <Button size="sm" onClick={entry.action.run}>
            {entry.action.label}
          </Button>
        </Radix.Action>
      )}
      <Radix.Close
        aria-label={t("action.close")}
        className="-m-1 grid size-6 shrink-0 place-items-center rounded-input text-muted hover:bg-chosen hover:text-text"
      >
        <X aria-hidden size={14} strokeWidth={1.5} />
      </Radix.Close>
    </Radix.Root>
  )
}
