/** Identity checks to review: the queue, and one of them with its person's data and documents. */

import { ApiProblem, told } from "@cse/core"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { DataTable } from "@/components/data-table"
import { ErrorState } from "@/components/error-state"
import { Pager } from "@/components/pager"
import { SegmentedControl } from "@/components/segmented-control"
import { Time } from "@/components/time"
import { CheckBadge } from "../badges"
import { Dossier } from "../dossier"
import { type Check, usePages } from "../staff"

const STATUSES = ["submitted", "held", "more_needed", "approved", "rejected"] as const
export default function IdentitySection({ id }: { id?: string }) {
  return id !== undefined && /^\d+$/.test(id) ? <Dossier checkId={Number(id)} /> : <Queue />
}

function Queue() {
  const { t } = useTranslation("admin")
  const [status, setStatus] = useState<(typeof STATUSES)[number]>("submitted")
  const list = usePages(["admin", "identity", status], async (cursor) => {
    const query = { status, limit: 50, ...(cursor === undefined ? {} : { cursor }) }
    const page = told(await api.GET("/api/admin/identity-checks", { params: { query } }))
    return { rows: page.checks, next: page.next_cursor }
  })
  if (list.error instanceof ApiProblem) return <ErrorState problem={list.error} onRetry={list.refetch} />
  return (
    <div className="flex flex-col gap-4">
      <div className="-mx-4 overflow-x-auto px-4 py-1 lg:-mx-6 lg:px-6">
        <SegmentedControl
          label={t("identity.status")}
          value={status}
          onChange={(value) => setStatus(value as (typeof STATUSES)[number])}
          options={STATUSES.map((each) => ({ value: each, label: t(`identity.is.${each}`) }))}
        />
      </div>
      <DataTable<Check>
        focusable
        caption={t("sections.identity")}
        rows={list.rows}
        loading={list.loading}
        rowKey={(row) => String(row.check_id)}
        empty={t("identity.none")}
        columns={[
          {
            key: "check",
            header: t("identity.check"),
            cell: (row) => (
              <Link to="/admin/$section/$id" params={{ section: "identity", id: String(row.check_id) }} className="text-brand underline">
                #{row.check_id}
              </Link>
            ),
          },
          { key: "user", header: t("users.id"), align: "end", cell: (row) => <span className="num">{row.user_id}</span> },
          { key: "level", header: t("identity.level"), align: "end", cell: (row) => <span className="num">{row.level}</span> },
          { key: "status", header: t("identity.status"), cell: (row) => <CheckBadge status={row.status} /> },
          { key: "desk", header: t("identity.desk"), cell: (row) => (row.reviewer_id === null ? "–" : `#${row.reviewer_id}`) },
          { key: "in", header: t("identity.handedIn"), cell: (row) => (row.submitted_at === null ? "–" : <Time at={row.submitted_at} />) },
        ]}
      />
      <Pager hasMore={list.more !== null} pending={list.loadingMore} onMore={() => list.more?.()} />
    </div>
  )
}
