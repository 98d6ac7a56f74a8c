/** People who look like somebody on the sanctions list: confirmed by one person (which freezes), cleared by two. */

import { ApiProblem, told } from "@cse/core"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { DataTable } from "@/components/data-table"
import { ErrorState } from "@/components/error-state"
import { Pager } from "@/components/pager"
import { SegmentedControl } from "@/components/segmented-control"
import { Time } from "@/components/time"
import { type Act, ActDialog } from "../act-dialog"
import { type Hit, usePages } from "../staff"

const STATUSES = ["open", "confirmed", "cleared"] as const
const KIND = { open: "warn", confirmed: "down", cleared: "up" } as const

export default function SanctionsSection() {
  const { t } = useTranslation("admin")
  const [status, setStatus] = useState<Hit["status"]>("open")
  const [act, setAct] = useState<Act | null>(null)
  const list = usePages(["admin", "sanctions", status], async (cursor) => {
    const query = { status, limit: 50, ...(cursor === undefined ? {} : { cursor }) }
    const page = told(await api.GET("/api/admin/sanctions-hits", { params: { query } }))
    return { rows: page.hits, next: page.next_cursor }
  })
  const decide = useDecision()
  if (list.error instanceof ApiProblem) return <ErrorState problem={list.error} onRetry={list.refetch} />
  return (
    <div className="flex flex-col gap-4">
      <div className="-mx-4 overflow-x-auto px-4 py-1 lg:-mx-6 lg:px-6">
        <SegmentedControl
          label={t("sanctions.status")}
          value={status}
          onChange={(value) => setStatus(value as Hit["status"])}
          options={STATUSES.map((each) => ({ value: each, label: t(`sanctions.is.${each}`) }))}
        />
      </div>
      <DataTable<Hit>
        focusable
        caption={t("sections.sanctions")}
        rows={list.rows}
        loading={list.loading}
        rowKey={(row) => String(row.hit_id)}
        empty={t("sanctions.none")}
        columns={[
          {
            key: "person",
            header: t("sanctions.person"),
            cell: (row) => (
              <Link to="/admin/$section/$id" params={{ section: "users", id: String(row.user_id) }} className="text-brand underline">
                {t("sanctions.user", { id: row.user_id })}
              </Link>
            ),
          },
          { key: "entry", header: t("sanctions.entry"), cell: (row) => `${row.entry_name} (${row.entry_id})` },
          { key: "likeness", header: t("sanctions.likeness"), align: "end", cell: (row) => <span className="num">{row.likeness} %</span> },
          { key: "status", header: t("sanctions.status"), cell: (row) => <Badge kind={KIND[row.status]}>{t(`sanctions.is.${row.status}`)}</Badge> },
          { key: "found", header: t("sanctions.found"), cell: (row) => <Time at={row.found_at} /> },
          {
            key: "acts",
            header: t("markets.acts"),
            cell: (row) =>
              row.status === "open" && (
                <span className="flex gap-1">
                  <Button size="sm" variant="secondary" onClick={() => setAct(decide(row, "clear"))}>
                    {t("sanctions.clear.do")}
                  </Button>
                  <Button size="sm" variant="danger" onClick={() => setAct(decide(row, "confirm"))}>
                    {t("sanctions.confirm.do")}
                  </Button>
                </span>
              ),
          },
        ]}
      />
      <Pager hasMore={list.more !== null} pending={list.loadingMore} onMore={() => list.more?.()} />
      <ActDialog act={act} onClose={() => setAct(null)} />
    </div>
  )
}

function useDecision(): (hit: Hit, kind: "clear" | "confirm") => Act {
  const { t } = useTranslation("admin")
  return (hit, kind) => ({
    title: t(`sanctions.${kind}.title`, { name: hit.entry_name }),
    description: t(`sanctions.${kind}.means`),
    confirm: t(`sanctions.${kind}.do`),
    danger: kind === "confirm",
    reasons: kind === "clear" ? ["other_birth_date", "other_country", "other_person"] : ["same_person"],
    run: async (reason) => {
      const call = { params: { path: { hit_id: hit.hit_id } }, body: { reason } }
      return kind === "clear"
        ? told(await api.POST("/api/admin/sanctions-hits/{hit_id}/clear", call))
        : told(await api.POST("/api/admin/sanctions-hits/{hit_id}/confirm", call))
    },
  })
}
