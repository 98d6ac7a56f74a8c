/** One proposal: what changes from what to what, who asks, why, until when, who agreed. */

import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { HERE, TimedText } from "@/components/timed-text"
import { Changes } from "./changes"
import type { Approval, ApprovalAct } from "./staff"

const KIND = {
  approved: "info",
  done: "up",
  executing: "info",
  expired: "plain",
  failed: "down",
  pending: "warn",
  rejected: "down",
  unknown: "down",
  withdrawn: "plain",
} as const

interface Props {
  approval: Approval
  /** Whether the person who looks proposed it: they may withdraw it, and not agree to it. */
  own: boolean
  onAct: (kind: ApprovalAct) => void
}

export function ApprovalCard({ approval, own, onAct }: Props) {
  const { t } = useTranslation("admin")
  return (
    <li className="flex flex-col gap-3 border-t border-line py-4 first:border-t-0">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="num text-muted">#{approval.id}</span>
        <h2 className="font-mono text-14">{approval.act}</h2>
        <span className="font-mono text-13 text-muted">{approval.object}</span>
        <Badge kind={KIND[approval.status]}>{t(`approvals.is.${approval.status}`)}</Badge>
      </div>
      <Changes before={approval.before} after={approval.after} />
      <p className="text-13 text-muted">
        <TimedText text={t("approvals.by", { user: approval.proposed_by, reason: approval.reason, time: HERE })} at={approval.proposed_at} />
        {approval.status === "pending" && (
          <>
            {" · "}
            <TimedText text={t("approvals.until", { time: HERE })} at={approval.expires_at} />
          </>
        )}
        {approval.outcome && ` · ${approval.outcome}`}
      </p>
      {approval.votes.length > 0 && (
        <ul className="text-13 text-muted">
          {approval.votes.map((vote) => (
            <li key={`${vote.user_id}-${vote.at_ms}`}>
              <TimedText text={t(vote.agrees ? "approvals.agreed" : "approvals.refused", { user: vote.user_id, reason: vote.reason, time: HERE })} at={vote.at_ms} />
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {approval.status === "pending" && (own ? <OwnActs onAct={onAct} /> : <OthersActs onAct={onAct} />)}
        {approval.status === "unknown" && (
          <>
            <Button size="sm" variant="secondary" onClick={() => onAct("settleDone")}>
              {t("approvals.settleDone.confirm")}
            </Button>
            <Button size="sm" variant="secondary" onClick={() => onAct("settleFailed")}>
              {t("approvals.settleFailed.confirm")}
            </Button>
          </>
        )}
        <Link to="/admin/$section/$id" params={{ section: "audit", id: `approval:${approval.id}` }} className="text-13 text-brand underline">
          {t("approvals.log")}
        </Link>
      </div>
    </li>
  )
}

function OwnActs({ onAct }: { onAct: Props["onAct"] }) {
  const { t } = useTranslation("admin")
  return (
    <>
      <Button size="sm" variant="secondary" onClick={() => onAct("withdraw")}>
        {t("approvals.withdraw.confirm")}
      </Button>
      <span className="text-12 text-muted">{t("approvals.ownHint")}</span>
    </>
  )
}

function OthersActs({ onAct }: { onAct: Props["onAct"] }) {
  const { t } = useTranslation("admin")
  return (
    <>
      <Button size="sm" variant="primary" onClick={() => onAct("approve")}>
        {t("approvals.approve.confirm")}
      </Button>
      <Button size="sm" variant="secondary" onClick={() => onAct("reject")}>
        {t("approvals.reject.confirm")}
      </Button>
    </>
  )
}
