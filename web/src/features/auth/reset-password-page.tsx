/** Sets another password with a letter's link; all sessions end, so the person logs in anew. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { LinkButton } from "@/components/link-button"
import { PasswordField } from "@/components/password-field"
import { Notice } from "@/components/notice"
import { AskLetter } from "./ask-letter"
import { AuthCard } from "./auth-card"
import { useFragmentToken } from "./fragment"
import { useForm } from "@/app/use-form"

export default function ResetPasswordPage() {
  const { t } = useTranslation("auth")
  const token = useFragmentToken()
  const [password, setPassword] = useState("")
  const [done, setDone] = useState(false)
  const form = useForm(["password"], async () => {
    await api.POST("/api/auth/password-reset/confirm", { body: { token: token ?? "", password } })
    setDone(true)
  })
  if (done)
    return (
      <AuthCard title={t("reset.done")} lead={t("reset.doneLead")}>
        <LinkButton to="/login" variant="primary">
          {t("login.title")}
        </LinkButton>
      </AuthCard>
    )
  const dead = token === null || form.error("token") !== undefined
  if (dead)
    return (
      <AuthCard title={t("link.dead")} lead={t("link.deadLead")}>
        <AskLetter label={t("forgot.go")} send={(email) => api.POST("/api/auth/password-reset", { body: { email } })} />
      </AuthCard>
    )
  return (
    <AuthCard title={t("reset.title")} lead={t("reset.lead")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && <Notice kind="down" title={form.said} />}
        <PasswordField
          label={t("reset.new")}
          error={form.error("password")}
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
        />
        <Button type="submit" variant="primary" pending={form.pending}>
          {t("reset.go")}
        </Button>
      </form>
    </AuthCard>
  )
}
