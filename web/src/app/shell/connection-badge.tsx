import type { ConnectionState } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { Popover } from "@/components/popover"
import { useNow } from "@/components/use-now"
import { useConnection } from "@/stream/hooks"
import { live } from "../exchange"

const DOTS: Record<ConnectionState, string> = {
  live: "bg-good",
  healing: "bg-warn",
  connecting: "bg-warn",
  stale: "bg-danger",
  closed: "bg-danger",
}

/** How the stream is, in one word and its latency; the details are a press away. */
export function ConnectionBadge() {
  const { t, i18n } = useTranslation("common")
  const state = useConnection()
  const now = useNow(1_000)
  const since = useSince(state, now)
  const { latencyMs } = live.counts
  const behindS = Math.round((now - since) / 1_000)
  const told =
    state === "live" && latencyMs !== null
      ? t("connection.latency", { ms: Math.max(1, Math.round(latencyMs)).toLocaleString(`${i18n.language}-u-nu-latn`) })
      : state === "stale"
        ? t("connection.behind", { count: 10 + behindS })
        : t(`state.${state}`)
  return (
    <Popover
      label={t("connection.title")}
      trigger={
        <button
          type="button"
          aria-label={`${t("connection.title")}: ${t(`state.${state}`)}, ${told}`}
          className="flex h-8 items-center gap-2 rounded-input px-2 text-12 text-muted hover:bg-raised hover:text-text"
        >
          <span aria-hidden className={cx("size-1.5 rounded-full", DOTS[state])} />
          <span className="num max-lg:sr-only">{told}</span>
        </button>
      }
    >
      <Details state={state} />
    </Popover>
  )
}

/** What the connection counted since the page opened. */
function Details({ state }: { state: ConnectionState }) {
  const { t } = useTranslation("common")
  useNow(1_000)
  const { messages, gaps, resyncs, wrongChecksums, missed, connections, latencyMs } = live.counts
  const rows = [
    ["connection.latencyLabel", latencyMs === null ? "–" : `${latencyMs.toFixed(0)} ms`],
    ["connection.messages", messages],
    ["connection.gaps", gaps],
    ["connection.wrongChecksums", wrongChecksums],
    ["connection.resyncs", resyncs],
    ["connection.missed", missed],
    ["connection.reconnects", Math.max(0, connections - 1)],
  ] as const
  return (
    <>
      <p className="flex items-center gap-2 font-medium">
        <span aria-hidden className={cx("size-1.5 rounded-full", DOTS[state])} />
        {t(`state.${state}`)}
      </p>
      <p className="mt-1 text-12 text-muted">{t(`connection.about.${state}`)}</p>
      <dl className="mt-3 border-t border-line text-12">
        {rows.map(([key, value]) => (
          <div key={key} className="flex justify-between border-b border-line py-1 last:border-0">
            <dt className="text-muted">{t(key)}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

/** When a state began, Unix ms, as exact as the clock that is given. */
function useSince(state: ConnectionState, now: number): number {
  const [began, setBegan] = useState({ state, at: now })
  if (began.state === state) return began.at
  setBegan({ state, at: now })
  return now
}
