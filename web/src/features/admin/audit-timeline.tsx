/** Records of the audit log, newest first. */

import { ApiProblem, told } from "@cse/core"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { ErrorState } from "@/components/error-state"
import { Pager } from "@/components/pager"
import { Skeleton } from "@/components/skeleton"
import { Time } from "@/components/time"
import { Changes } from "./changes"
import { type AuditRecord, usePages } from "./staff"

export interface AuditFilter {
  act?: string
  actor?: string
  object?: string
  ip?: string
  session_id?: string
  /** Unix time, ms; from inclusive, to exclusive. */
  from_ms?: number
  to_ms?: number
}

export function AuditTimeline({ filter, title }: { filter: AuditFilter; title: string }) {
  const { t } = useTranslation("admin")
  const list = usePages(["admin", "audit", filter], async (cursor) => {
    const query = { ...filter, limit: 50, ...(cursor === undefined ? {} : { cursor }) }
    const page = told(await api.GET("/api/admin/audit", { params: { query } }))
    return { rows: page.records, next: page.next_cursor }
  })
  if (list.error instanceof ApiProblem) return <ErrorState problem={list.error} onRetry={list.refetch} />
  return (
    <section className="flex flex-col gap-1">
      <h3 className="text-13 text-muted">{title}</h3>
      {list.loading && <Skeleton w="100%" h="6rem" />}
      {!list.loading && list.rows.length === 0 && <p className="text-13 text-muted">{t("audit.none")}</p>}
      <ol className="flex flex-col">
        {list.rows.map((record) => (
          <Row key={record.number} record={record} />
        ))}
      </ol>
      <Pager hasMore={list.more !== null} pending={list.loadingMore} onMore={() => list.more?.()} />
    </section>
  )
}

function facts(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
}

function Row({ record }: { record: AuditRecord }) {
  const { t } = useTranslation("admin")
  return (
    <li className="border-t border-line">
      <details className="group">
        <summary className="grid cursor-pointer grid-cols-[4rem_10rem_minmax(0,1fr)] gap-x-3 gap-y-0.5 py-1.5 text-13 hover:bg-raised max-sm:grid-cols-[4rem_minmax(0,1fr)]">
          <span className="num text-muted">{record.number}</span>
          <Time at={record.at_ms} />
          <span className="flex flex-wrap gap-x-3 max-sm:col-span-2">
            <span className="font-mono font-medium">{record.act}</span>
            <span className="font-mono text-muted">{record.actor}</span>
            {record.object !== record.actor && <span className="font-mono text-muted">→ {record.object}</span>}
            {record.reason && <span className="text-muted">“{record.reason}”</span>}
          </span>
        </summary>
        <div className="flex flex-col gap-2 pb-3 ps-4">
          <p className="text-12 text-muted">
            {t("audit.ip")} <span className="font-mono">{record.ip || "–"}</span> · {t("audit.session")}{" "}
            <span className="font-mono wrap-anywhere">{record.session_id || "–"}</span> · {t("audit.digest")}{" "}
            <span className="font-mono wrap-anywhere">{record.digest}</span>
          </p>
          <Changes before={facts(record.before)} after={facts(record.after)} />
        </div>
      </details>
    </li>
  )
}
