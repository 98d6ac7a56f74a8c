/** Signing up: the account begins at once, or after a letter, as this exchange has it. */

import { told } from "@cse/core"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { LinkButton } from "@/components/link-button"
import { EmailField } from "@/components/email-field"
import { PasswordField } from "@/components/password-field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"
import { IS_SANDBOX } from "@/app/is-sandbox"
import { AlreadyIn, useWasIn } from "./already-in"
import { AuthCard } from "./auth-card"
import { useEnter } from "./enter"
import { SocialSignIn } from "./social-sign-in"
import { useForm } from "@/app/use-form"

/** What the exchange asks of passwords; docs/reference/authentication.md. */
const LEAST = 10
/** Which field a refusal is about. */
const ABOUT = { email_taken: "email", handle_taken: "handle" }

export default function SignupPage() {
  const { t } = useTranslation("auth")
  const wasIn = useWasIn()
  const [sentTo, setSentTo] = useState<string | null>(null)
  if (wasIn) return <AlreadyIn />
  if (sentTo !== null) return <LetterSent email={sentTo} />
  const foot = (
    <span>
      {t("signup.have")}{" "}
      <Link to="/login" search={(now) => now} className="text-brand underline">
        {t("login.title")}
      </Link>
    </span>
  )
  return (
    <AuthCard title={t("signup.title")} lead={t("signup.lead")} foot={foot}>
      <Form onSent={setSentTo} />
      <SocialSignIn />
    </AuthCard>
  )
}

function Form({ onSent }: { onSent: (email: string) => void }) {
  const { t } = useTranslation("auth")
  const [typed, setTyped] = useState({ email: "", handle: "", password: "" })
  const enter = useEnter()
  const { email, password } = typed
  const form = useForm(["email", "handle", "password"], async () => {
    const { response } = await api.POST("/api/auth/register", { body: typed })
    if (response.status !== 201) return onSent(email)
    await enter(told(await api.POST("/api/auth/login", { body: { email, password } })))
  }, ABOUT)
  return (
    <form onSubmit={form.submit} className="flex flex-col gap-4">
      {form.said && <Notice kind="down" title={form.said} />}
      <EmailField
        label={t("email")}
        error={form.error("email")}
        autoComplete="username"
        value={email}
        onChange={(email) => setTyped({ ...typed, email })}
      />
      <Field label={t("signup.handle")} hint={t("signup.handleHint")} error={form.error("handle")}>
        {(ids) => (
          <TextInput
            {...ids}
            name="handle"
            autoComplete="nickname"
            autoCapitalize="off"
            spellCheck={false}
            required
            value={typed.handle}
            onChange={(event) => setTyped({ ...typed, handle: event.target.value })}
          />
        )}
      </Field>
      <PasswordField
        label={t("password")}
        hint={t("signup.passwordHint", { count: LEAST })}
        error={form.error("password")}
        autoComplete="new-password"
        minLength={LEAST}
        value={password}
        onChange={(password) => setTyped({ ...typed, password })}
      />
      <Button type="submit" variant="primary" pending={form.pending}>
        {t("signup.go")}
      </Button>
    </form>
  )
}

/** After an answer that tells nobody whether the address was free. */
function LetterSent({ email }: { email: string }) {
  const { t } = useTranslation("auth")
  return (
    <AuthCard title={t("letter.title")} lead={t("letter.lead", { email })}>
      <p className="text-13 text-muted">{t("letter.hint")}</p>
      {IS_SANDBOX && (
        <a href="/dev/mailbox" className="text-13 text-brand underline">
          {t("letter.mailbox")}
        </a>
      )}
      <LinkButton to="/login" variant="secondary">
        {t("login.title")}
      </LinkButton>
    </AuthCard>
  )
}
