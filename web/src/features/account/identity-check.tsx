/** One identity check: how far it is, what is missing, documents with their progress, handing it in. */

import { ApiProblem, type components } from "@cse/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { send } from "@/app/upload"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { Notice } from "@/components/notice"
import { Time } from "@/components/time"

type Check = components["schemas"]["CheckJson"]
type Kind = components["schemas"]["DocumentJson"]["kind"]

/** What a check takes; docs/reference/identity-checks.md. */
const TAKES: readonly { level: number; kind: Kind }[] = [
  { level: 2, kind: "identity_document" },
  { level: 2, kind: "selfie" },
  { level: 3, kind: "proof_of_address" },
  { level: 3, kind: "source_of_funds" },
]

const KIND = {
  approved: "up",
  draft: "info",
  held: "warn",
  more_needed: "warn",
  rejected: "down",
  submitted: "info",
  withdrawn: "plain",
} as const

export function CheckCard({ check }: { check: Check }) {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ["identity-checks"] })
  const params = { path: { check_id: check.check_id } }
  const move = useMutation({
    mutationFn: (to: "submit" | "withdraw") =>
      to === "submit"
        ? api.POST("/api/identity-checks/{check_id}/submit", { params })
        : api.POST("/api/identity-checks/{check_id}/withdraw", { params }),
    onSettled: refresh,
  })
  const editable = check.status === "draft" || check.status === "more_needed"
  return (
    <article className="flex flex-col gap-3 rounded-popover border border-line p-4">
      <header className="flex flex-wrap items-center gap-3">
        <h3 className="text-14 font-medium">{t("identity.check", { level: check.level })}</h3>
        <Badge kind={KIND[check.status]}>{t(`identity.is.${check.status}`)}</Badge>
        <span className="text-12 text-muted">
          <Time at={check.submitted_at ?? check.created_at} />
        </span>
      </header>
      {check.note !== "" && <Notice kind="info" title={t("identity.note")}>{check.note}</Notice>}
      {move.error instanceof ApiProblem && <Notice kind="down" title={problemText(t, move.error)} />}
      <Documents check={check} editable={editable} onSent={() => void refresh()} />
      {(editable || check.status === "submitted") && (
        <footer className="flex flex-wrap gap-2">
          {editable && (
            <Button
              variant="primary"
              pending={move.isPending}
              disabled={check.missing.length > 0}
              title={check.missing.length > 0 ? t("identity.missing") : undefined}
              onClick={() => move.mutate("submit")}
            >
              {t("identity.submit")}
            </Button>
          )}
          <Button variant="ghost" pending={move.isPending} onClick={() => move.mutate("withdraw")}>
            {t("identity.withdraw")}
          </Button>
        </footer>
      )}
    </article>
  )
}

function Documents({ check, editable, onSent }: { check: Check; editable: boolean; onSent: () => void }) {
  const { t } = useTranslation("account")
  return (
    <ul className="flex flex-col gap-2 text-13">
      {check.documents
        .filter((each) => each.deleted_at === null)
        .map((each) => (
          <li key={each.document_id} className="flex flex-wrap gap-3">
            <span>{t(`identity.kind.${each.kind}`)}</span>
            <span className="num text-muted">{t("identity.size", { kib: Math.ceil(each.size_bytes / 1024) })}</span>
          </li>
        ))}
      {editable &&
        TAKES.filter(({ level }) => level === check.level).map(({ kind }) => (
          <Upload key={kind} checkId={check.check_id} kind={kind} missing={check.missing.includes(kind)} onSent={onSent} />
        ))}
    </ul>
  )
}

interface UploadProps {
  checkId: number
  kind: Kind
  /** Whether it cannot be handed in without it; else it is one more, such as a better photo. */
  missing: boolean
  onSent: () => void
}

function Upload({ checkId, kind, missing, onSent }: UploadProps) {
  const { t } = useTranslation("account")
  const input = useRef<HTMLInputElement>(null)
  const [share, setShare] = useState(0)
  const upload = useMutation({
    mutationFn: (file: File) => send("POST", `/api/identity-checks/${checkId}/documents?kind=${kind}`, file, setShare),
    onSuccess: onSent,
  })
  return (
    <li className="flex flex-wrap items-center gap-3">
      <span className={missing ? "text-warn" : "text-muted"}>
        {t(missing ? "identity.needed" : "identity.another", { what: t(`identity.kind.${kind}`) })}
      </span>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,application/pdf"
        className="sr-only"
        tabIndex={-1}
        aria-label={t(`identity.kind.${kind}`)}
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file) upload.mutate(file)
        }}
      />
      <Button size="sm" variant="secondary" pending={upload.isPending} onClick={() => input.current?.click()}>
        {t("identity.upload")}
      </Button>
      {upload.isPending && <progress aria-label={t("profile.sending")} value={share} max={1} />}
      {upload.error instanceof ApiProblem && <span className="text-danger">{problemText(t, upload.error)}</span>}
    </li>
  )
}
