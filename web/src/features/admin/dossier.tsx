/** One identity check with everything that the reviewer decides by. Each look is in the audit log. */

import { ApiProblem, type components, told } from "@cse/core"
import { useMutation, useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useProfile } from "@/app/data/person"
import { api } from "@/app/exchange"
import { withStepUp } from "@/app/step-up"
import { Button } from "@/components/button"
import { ErrorState } from "@/components/error-state"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { TextInput } from "@/components/text-input"
import { HERE, TimedText } from "@/components/timed-text"
import { type Act, ActDialog } from "./act-dialog"
import { CheckBadge } from "./badges"
import { DocumentView } from "./document-view"
import { useAskAgain } from "./staff"

type Found = components["schemas"]["StaffDossier"]
type Decision = components["schemas"]["DecisionRequest"]["decision"]
const DECISIONS: readonly Decision[] = ["approve", "ask_for_more", "reject"]
const DATA = ["legal_name", "birth_date", "country_of_residence", "nationality"] as const

export function Dossier({ checkId }: { checkId: number }) {
  const { t } = useTranslation("admin")
  const params = { path: { check_id: checkId } }
  const found = useQuery({
    queryKey: ["admin", "identity", "check", checkId],
    queryFn: async () => told(await withStepUp(() => api.GET("/api/admin/identity-checks/{check_id}", { params }))),
    staleTime: Number.POSITIVE_INFINITY, // each look is recorded: only look again after an act
    refetchOnWindowFocus: false,
  })
  if (found.error) return <ErrorState problem={found.error} onRetry={() => void found.refetch()} />
  if (!found.data) return <Skeleton w="100%" h="20rem" />
  return (
    <div className="flex flex-col gap-6">
      <Link to="/admin/$section" params={{ section: "identity" }} className="text-13 text-brand underline">
        {t("identity.back")}
      </Link>
      <Facts found={found.data} />
      {found.data.hits.map((hit) => (
        <Notice key={hit.hit_id} kind={hit.status === "cleared" ? "info" : "down"} title={t("identity.hit", { name: hit.entry_name })}>
          {t("identity.hitIs", { likeness: hit.likeness, status: t(`sanctions.is.${hit.status}`) })}
        </Notice>
      ))}
      <section className="flex flex-col gap-3">
        <h2 className="text-16 font-medium">{t("identity.documents")}</h2>
        {found.data.documents.length === 0 && <p className="text-13 text-muted">{t("identity.noDocuments")}</p>}
        {found.data.documents.map((document) => (
          <DocumentView key={document.document_id} checkId={checkId} document={document} />
        ))}
      </section>
      <Desk found={found.data} />
    </div>
  )
}

function Facts({ found }: { found: Found }) {
  const { t } = useTranslation("admin")
  const { check, data } = found
  return (
    <section className="flex flex-col gap-3">
      <h2 className="flex items-center gap-3 text-20 font-medium">
        {t("identity.title", { id: check.check_id, level: check.level })} <CheckBadge status={check.status} />
      </h2>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
        {DATA.map((name) => (
          <div key={name}>
            <dt className="text-12 text-muted">{t(`identity.data.${name}`)}</dt>
            <dd className="wrap-anywhere">{data[name]}</dd>
          </div>
        ))}
      </dl>
      {check.submitted_at !== null && (
        <p className="text-13 text-muted">
          <TimedText text={t("identity.handedInAt", { time: HERE })} at={check.submitted_at} />
        </p>
      )}
    </section>
  )
}

/** Taking the check, giving it back, deciding it. */
function Desk({ found: { check } }: { found: Found }) {
  const { t } = useTranslation("admin")
  const [act, setAct] = useState<Act | null>(null)
  const [note, setNote] = useState("")
  const self = useProfile()
  const askAgain = useAskAgain()
  const params = { path: { check_id: check.check_id } }
  const move = useMutation({
    mutationFn: (to: "claim" | "release") =>
      withStepUp(() =>
        to === "claim"
          ? api.POST("/api/admin/identity-checks/{check_id}/claim", { params })
          : api.POST("/api/admin/identity-checks/{check_id}/release", { params }),
      ),
    onSettled: askAgain,
  })
  if (check.status !== "submitted" && check.status !== "held") return null
  const mine = check.reviewer_id !== null && check.reviewer_id === self?.user_id
  const decide = (decision: Decision): Act => ({
    title: t(`identity.${decision}.title`, { id: check.check_id }),
    description: t(`identity.${decision}.means`),
    confirm: t(`identity.${decision}.do`),
    danger: decision === "reject",
    reasons: decision === "approve" ? ["documents_match"] : ["unreadable", "expired_document", "name_differs", "suspected_forgery"],
    run: async (reason) =>
      told(
        await api.POST("/api/admin/identity-checks/{check_id}/decision", {
          params,
          body: { decision, reason, ...(note === "" ? {} : { note }) },
        }),
      ),
  })
  return (
    <section className="flex max-w-xl flex-col gap-3" aria-label={t("identity.decide")}>
      {move.error instanceof ApiProblem && <ErrorState problem={move.error} onRetry={() => move.reset()} />}
      {!mine && (
        <div>
          <Button variant="primary" pending={move.isPending} onClick={() => move.mutate("claim")}>
            {t("identity.claim")}
          </Button>
        </div>
      )}
      {mine && (
        <>
          <Field label={t("identity.note")} hint={t("identity.noteHint")}>
            {(ids) => <TextInput id={ids.id} aria-describedby={ids.describedBy} value={note} onChange={(event) => setNote(event.target.value)} />}
          </Field>
          <div className="flex flex-wrap gap-2">
            {DECISIONS.map((decision) => (
              <Button key={decision} variant={decision === "approve" ? "primary" : decision === "reject" ? "danger" : "secondary"} onClick={() => setAct(decide(decision))}>
                {t(`identity.${decision}.do`)}
              </Button>
            ))}
            <Button variant="ghost" pending={move.isPending} onClick={() => move.mutate("release")}>
              {t("identity.release")}
            </Button>
          </div>
        </>
      )}
      <ActDialog act={act} onClose={() => setAct(null)} />
    </section>
  )
}
