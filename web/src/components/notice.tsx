import { CircleCheck, CircleX, Info, TriangleAlert } from "lucide-react"
import type { ReactNode } from "react"
import { cx } from "./class-names"

export type NoticeKind = "info" | "warn" | "down" | "up"

export interface NoticeProps {
  kind: NoticeKind
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  className?: string | undefined
}

const ICONS = { info: Info, warn: TriangleAlert, down: CircleX, up: CircleCheck }
const COLOURS = { info: "text-info", warn: "text-warn", down: "text-danger", up: "text-good" }
const EDGES = { info: "border-s-info", warn: "border-s-warn", down: "border-s-danger", up: "border-s-good" }

/** The icon of a kind of notice, in its colour. */
export function NoticeIcon({ kind }: { kind: NoticeKind }) {
  const Icon = ICONS[kind]
  return <Icon aria-hidden size={16} strokeWidth={1.5} className={cx("mt-0.5 shrink-0", COLOURS[kind])} />
}

/** Something to know before going on; `up` is done well, `down` went wrong. */
export function Notice({ kind, title, children, action, className }: NoticeProps) {
  return (
    <div
      role={kind === "down" ? "alert" : "note"}
      className={cx("flex items-start gap-3 border-s-2 bg-raised px-3 py-2.5 text-13", EDGES[kind], className)}
    >
      <NoticeIcon kind={kind} />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {children !== undefined && <div className="mt-0.5 text-muted">{children}</div>}
      </div>
      {action}
    </div>
  )
}
