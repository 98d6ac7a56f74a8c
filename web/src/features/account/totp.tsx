/** The authenticator: enrolled with a QR code, confirmed with a code, removed with password and code. */

import { ApiProblem, type components, told } from "@cse/core"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { lazy, Suspense, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { ownFactors, withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { ConfirmDialog } from "@/components/confirm-dialog"
import { CopyText } from "@/components/copy-text"
import { ErrorState } from "@/components/error-state"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { TextInput } from "@/components/text-input"
import { HERE, TimedText } from "@/components/timed-text"
import { Part } from "./part"
import { RecoveryCodes } from "./recovery-codes"
import { RemoveTotp } from "./remove-totp"

const QrCode = lazy(() => import("./qr-code"))
type Enrolment = components["schemas"]["EnrolmentAnswer"]

/** A wrong proof is a wrong code. */
const ABOUT = { wrong_proof: "code", wrong_second_factor: "code" }

export const FACTORS = ["auth", "totp"]

export function TotpPart() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const factors = useQuery({ queryKey: FACTORS, queryFn: ownFactors })
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const refresh = (): void => void queries.invalidateQueries({ queryKey: FACTORS })
  const made = (fresh: readonly string[]): void => {
    setCodes(fresh)
    refresh()
  }
  if (factors.error instanceof ApiProblem) return <ErrorState problem={factors.error} onRetry={() => void factors.refetch()} />
  return (
    <Part title={t("totp.title")} about={t("totp.about")}>
      {!factors.data && <Skeleton w="100%" h="4rem" />}
      {factors.data?.confirmed_at === null && <Enrol onCodes={made} />}
      {factors.data && factors.data.confirmed_at !== null && (
        <div className="flex flex-wrap items-center gap-3 text-13">
          <Badge kind="up">{t("totp.on")}</Badge>
          <span className="text-muted">
            <TimedText text={t("totp.since", { time: HERE })} at={factors.data.confirmed_at} />
          </span>
          <span className="text-muted">{t("totp.left", { count: factors.data.recovery_codes_left })}</span>
          <NewCodes onCodes={made} />
          <RemoveTotp onRemoved={refresh} />
        </div>
      )}
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />}
    </Part>
  )
}

function Enrol({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation("account")
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null)
  const begin = useForm([], async () => setEnrolment(told(await withStepUp(() => api.POST("/api/auth/totp/enroll")))))
  if (enrolment) return <Confirm enrolment={enrolment} onCodes={onCodes} />
  return (
    <div className="flex flex-col items-start gap-3">
      {begin.said && <Notice kind="down" title={begin.said} />}
      <form onSubmit={begin.submit}>
        <Button type="submit" variant="primary" pending={begin.pending}>
          {t("totp.begin")}
        </Button>
      </form>
    </div>
  )
}

function Confirm({ enrolment, onCodes }: { enrolment: Enrolment; onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation("account")
  const [code, setCode] = useState("")
  const form = useForm(["code"], async () => {
    const body = { code: code.replace(/\s/g, "") }
    onCodes(told(await withStepUp(() => api.POST("/api/auth/totp/confirm", { body }))).recovery_codes)
  }, ABOUT)
  return (
    <div className="flex flex-wrap gap-6">
      <Suspense fallback={<Skeleton w="12rem" h="12rem" />}>
        <QrCode text={enrolment.otpauth_uri} label={t("totp.qr")} />
      </Suspense>
      <form onSubmit={form.submit} className="flex max-w-xs flex-col gap-4">
        <p className="text-13 text-muted">{t("totp.scan")}</p>
        <div className="flex flex-col gap-1 text-13">
          <span className="text-12 text-muted">{t("totp.secret")}</span>
          <CopyText text={enrolment.secret} shown={enrolment.secret.replace(/(.{4})(?=.)/g, "$1 ")} className="[&>bdi]:whitespace-normal" />
        </div>
        {form.said && <Notice kind="down" title={form.said} />}
        <Field label={t("totp.code")} error={form.error("code")}>
          {(ids) => (
            <TextInput
              {...ids}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              dir="ltr"
              required
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          )}
        </Field>
        <div>
          <Button type="submit" variant="primary" pending={form.pending}>
            {t("totp.confirm")}
          </Button>
        </div>
      </form>
    </div>
  )
}

/** New codes end the old ones, which lie in a safe somewhere: asked once. */
function NewCodes({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation("account")
  const [asked, setAsked] = useState(false)
  const make = async () => onCodes(told(await withStepUp(() => api.POST("/api/auth/recovery-codes"))).recovery_codes)
  const form = useForm([], make)
  return (
    <>
      <Button size="sm" variant="secondary" pending={form.pending} onClick={() => setAsked(true)}>
        {t("codes.renew")}
      </Button>
      {form.said && <span className="text-danger">{form.said}</span>}
      <ConfirmDialog
        open={asked}
        onOpenChange={setAsked}
        title={t("codes.renewTitle")}
        description={t("codes.renewMeans")}
        confirmLabel={t("codes.renew")}
        onConfirm={() => void form.run(make)}
      />
    </>
  )
}
