/** Makes the address of a letter's link the account's own. */

import { told } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { LinkButton } from "@/components/link-button"
import { Notice } from "@/components/notice"
import { AuthCard } from "./auth-card"
import { useFragmentToken } from "./fragment"
import { useForm } from "@/app/use-form"

export default function ConfirmEmailPage() {
  const { t } = useTranslation("auth")
  const token = useFragmentToken()
  const [email, setEmail] = useState<string | null>(null)
  const form = useForm([], async () => {
    setEmail(told(await api.POST("/api/auth/email/confirm", { body: { token: token ?? "" } })).email)
  })
  if (email !== null)
    return (
      <AuthCard title={t("confirm.done")} lead={t("confirm.doneLead", { email })}>
        <LinkButton to="/account" variant="primary">
          {t("login.goOn")}
        </LinkButton>
      </AuthCard>
    )
  if (token === null || form.error("token") !== undefined)
    return (
      <AuthCard title={t("link.dead")} lead={t("confirm.deadLead")}>
        <LinkButton to="/account/$section" params={{ section: "security" }} variant="primary">
          {t("confirm.again")}
        </LinkButton>
      </AuthCard>
    )
  return (
    <AuthCard title={t("confirm.title")} lead={t("confirm.lead")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && <Notice kind="down" title={form.said} />}
        <Button type="submit" variant="primary" pending={form.pending}>
          {t("confirm.go")}
        </Button>
      </form>
    </AuthCard>
  )
}
