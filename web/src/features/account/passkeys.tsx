/** Passkeys: added on this device, named, removed. */

import { ApiProblem, type components, told } from "@cse/core"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { createPasskey, passkeysWork } from "@/app/webauthn"
import { Button } from "@/components/button"
import { ErrorState } from "@/components/error-state"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"
import { HERE, TimedText } from "@/components/timed-text"
import { Part } from "./part"
import { RecoveryCodes } from "./recovery-codes"
import { Row, RowList } from "./row-list"
import { RemovePasskey } from "./remove-passkey"
import { FACTORS } from "./totp"

export type Passkey = components["schemas"]["PasskeyJson"]

export function PasskeysPart() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const passkeys = useQuery({
    queryKey: ["auth", "passkeys"],
    queryFn: async () => told(await api.GET("/api/auth/passkeys")).passkeys,
  })
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: ["auth", "passkeys"] })
    void queries.invalidateQueries({ queryKey: FACTORS })
  }
  const added = (fresh: readonly string[] | null): void => {
    setCodes(fresh)
    refresh()
  }
  // In production without the domain in its settings the exchange makes none (503), and says so.
  if (passkeys.error instanceof ApiProblem) return <ErrorState problem={passkeys.error} onRetry={() => void passkeys.refetch()} />
  return (
    <Part title={t("passkeys.title")} about={t("passkeys.about")}>
      {(passkeys.data ?? []).length > 0 && (
        <RowList label={t("passkeys.title")}>
          {(passkeys.data ?? []).map((row) => (
            <Row key={row.id} title={row.label} facts={<Facts passkey={row} />} acts={<RemovePasskey passkey={row} onRemoved={refresh} />} />
          ))}
        </RowList>
      )}
      {passkeysWork() ? <Add onAdded={added} /> : <p className="text-13 text-muted">{t("passkeys.cannot")}</p>}
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />}
    </Part>
  )
}

function Facts({ passkey }: { passkey: Passkey }) {
  const { t } = useTranslation("account")
  return (
    <>
      <span>
        <TimedText text={t("passkeys.made", { time: HERE })} at={passkey.created_at} />
      </span>
      <span>
        {passkey.last_used_at === null ? (
          t("passkeys.neverUsed")
        ) : (
          <TimedText text={t("passkeys.used", { time: HERE })} at={passkey.last_used_at} />
        )}
      </span>
    </>
  )
}

function Add({ onAdded }: { onAdded: (codes: readonly string[] | null) => void }) {
  const { t } = useTranslation("account")
  const [label, setLabel] = useState("")
  const form = useForm(["label"], async () => {
    const { public_key } = told(await withStepUp(() => api.POST("/api/auth/passkeys/options")))
    const credential = await createPasskey(public_key)
    const made = told(await withStepUp(() => api.POST("/api/auth/passkeys", { body: { credential, label } })))
    setLabel("")
    onAdded(made.recovery_codes)
  })
  return (
    <form onSubmit={form.submit} className="flex max-w-sm flex-col gap-3">
      {form.said && <Notice kind="down" title={form.said} />}
      <Field label={t("passkeys.label")} hint={t("passkeys.labelHint")} error={form.error("label")}>
        {(ids) => <TextInput {...ids} name="label" required maxLength={50} value={label} onChange={(event) => setLabel(event.target.value)} />}
      </Field>
      <div>
        <Button type="submit" variant="secondary" pending={form.pending}>
          {t("passkeys.add")}
        </Button>
      </div>
    </form>
  )
}
