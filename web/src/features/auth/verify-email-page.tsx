/** Proves an address with a letter's link. A registration that waited for it also needs the password that was chosen. */

import { ApiProblem } from "@cse/core"
import { useEffect, useEffectEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { LinkButton } from "@/components/link-button"
import { PasswordField } from "@/components/password-field"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { TextInput } from "@/components/text-input"
import { AskLetter } from "./ask-letter"
import { AuthCard } from "./auth-card"
import { useFragmentToken } from "./fragment"
import { useForm } from "@/app/use-form"

export default function VerifyEmailPage() {
  const { t } = useTranslation("auth")
  const token = useFragmentToken()
  const [proved, setProved] = useState(false)
  if (proved)
    return (
      <AuthCard title={t("verify.done")} lead={t("verify.doneLead")}>
        <LinkButton to="/login" variant="primary">
          {t("login.goOn")}
        </LinkButton>
      </AuthCard>
    )
  if (token === null) return <Dead />
  return <Proving token={token} onProved={() => setProved(true)} />
}

function Proving({ token, onProved }: { token: string; onProved: () => void }) {
  const { t } = useTranslation("auth")
  const [password, setPassword] = useState("")
  const [handle, setHandle] = useState("")
  const form = useForm(["password", "handle"], async () => {
    const body = { token, ...(password === "" ? {} : { password }), ...(handle === "" ? {} : { handle }) }
    await api.POST("/api/auth/verify-email", { body })
    onProved()
  })
  const begin = useEffectEvent(() => void form.run(() => provedAlone(token, onProved)))
  useEffect(() => begin(), [])
  const code = form.problem?.code
  if (form.error("token") !== undefined) return <Dead />
  if (form.problem === null && password === "")
    return (
      <AuthCard title={t("verify.title")}>
        <Skeleton w="100%" h="6rem" />
      </AuthCard>
    )
  return (
    <AuthCard title={t("verify.title")} lead={t("verify.lead")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && <Notice kind={code === "handle_taken" ? "info" : "down"} title={form.said} />}
        <PasswordField
          label={t("verify.password")}
          error={password === "" ? undefined : form.error("password")}
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
        />
        {(code === "handle_taken" || handle !== "") && (
          <Field label={t("verify.handle")} error={form.error("handle")}>
            {(ids) => (
              <TextInput {...ids} name="handle" autoComplete="nickname" value={handle} onChange={(event) => setHandle(event.target.value)} />
            )}
          </Field>
        )}
        <Button type="submit" variant="primary" pending={form.pending}>
          {t("verify.go")}
        </Button>
      </form>
    </AuthCard>
  )
}

/** Sends the token alone: enough for an account that is there. In development React does effects twice, hence `sent`. */
const sent = new Map<string, Promise<unknown>>()

async function provedAlone(token: string, onProved: () => void): Promise<void> {
  const asked = sent.get(token) ?? api.POST("/api/auth/verify-email", { body: { token } })
  sent.set(token, asked)
  try {
    await asked
  } catch (refused) {
    if (!(refused instanceof ApiProblem) || refused.retryable) sent.delete(token)
    throw refused
  }
  onProved()
}

function Dead() {
  const { t } = useTranslation("auth")
  return (
    <AuthCard title={t("link.dead")} lead={t("link.deadLead")}>
      <AskLetter label={t("verify.again")} send={(email) => api.POST("/api/auth/verify-email/resend", { body: { email } })} />
    </AuthCard>
  )
}
