/** Proposals that wait for a second person, and what became of the others. */

import { ApiProblem, told } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useProfile } from "@/app/data/person"
import { api } from "@/app/exchange"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Pager } from "@/components/pager"
import { SegmentedControl } from "@/components/segmented-control"
import { Skeleton } from "@/components/skeleton"
import { type Act, ActDialog } from "../act-dialog"
import { ApprovalCard } from "../approval-card"
import { type Approval, type ApprovalAct, type ApprovalStatus, usePages } from "../staff"

const SHOWN = ["pending", "unknown", "done", "failed", "rejected", "withdrawn", "expired"] as const
/** Proposals come and go while one looks, ms. */
const EVERY_MS = 5_000

export default function ApprovalsSection() {
  const { t } = useTranslation("admin")
  const [status, setStatus] = useState<ApprovalStatus>("pending")
  const [act, setAct] = useState<Act | null>(null)
  const self = useProfile()
  const list = usePages(
    ["admin", "approvals", status],
    async (cursor) => {
      const query = { status, limit: 50, ...(cursor === undefined ? {} : { cursor }) }
      const page = told(await api.GET("/api/admin/approvals", { params: { query } }))
      return { rows: page.approvals, next: page.next_cursor }
    },
    EVERY_MS,
  )
  const acts = useApprovalActs()
  return (
    <div className="flex flex-col gap-4">
      <div className="-mx-4 overflow-x-auto px-4 py-1 lg:-mx-6 lg:px-6">
        <SegmentedControl
          label={t("approvals.status")}
          value={status}
          onChange={(value) => setStatus(value as ApprovalStatus)}
          options={SHOWN.map((each) => ({ value: each, label: t(`approvals.is.${each}`) }))}
        />
      </div>
      {list.error instanceof ApiProblem && <ErrorState problem={list.error} onRetry={list.refetch} />}
      {list.loading && <Skeleton w="100%" h="8rem" />}
      {!list.loading && !list.error && list.rows.length === 0 && (
        <EmptyState title={t("approvals.none.title")} body={t("approvals.none.body")} />
      )}
      <ul className="flex flex-col">
        {list.rows.map((each) => (
          <ApprovalCard
            key={each.id}
            approval={each}
            own={each.proposed_by === self?.user_id}
            onAct={(kind) => setAct(acts(each, kind))}
          />
        ))}
      </ul>
      <Pager hasMore={list.more !== null} pending={list.loadingMore} onMore={() => list.more?.()} />
      <ActDialog act={act} onClose={() => setAct(null)} />
    </div>
  )
}

function useApprovalActs(): (approval: Approval, kind: ApprovalAct) => Act {
  const { t } = useTranslation("admin")
  return (approval, kind) => ({
    title: t(`approvals.${kind}.title`, { id: approval.id }),
    description: t(`approvals.${kind}.means`),
    confirm: t(`approvals.${kind}.confirm`),
    danger: kind === "reject",
    reasons: kind === "approve" ? ["checked", "looks_fine"] : ["mistaken", "not_agreed", "found_out"],
    withoutReason: kind === "withdraw",
    run: (reason) => send(approval.id, kind, reason),
  })
}

async function send(id: number, kind: ApprovalAct, reason: string): Promise<unknown> {
  const params = { path: { id } }
  switch (kind) {
    case "approve":
      return told(await api.POST("/api/admin/approvals/{id}/approve", { params, body: { reason } }))
    case "reject":
      return told(await api.POST("/api/admin/approvals/{id}/reject", { params, body: { reason } }))
    case "withdraw":
      return told(await api.POST("/api/admin/approvals/{id}/withdraw", { params }))
    case "settleDone":
    case "settleFailed": {
      const outcome = kind === "settleDone" ? "done" : "failed"
      return told(await api.POST("/api/admin/approvals/{id}/settle", { params, body: { outcome, reason } }))
    }
  }
}
