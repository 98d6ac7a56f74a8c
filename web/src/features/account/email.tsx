/** The own e-mail address: whether it is proved, and how to have another one. */

import { told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { ErrorState } from "@/components/error-state"
import { EmailField } from "@/components/email-field"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { toast } from "@/components/toasts"
import { Part } from "./part"

export function EmailPart() {
  const { t } = useTranslation("account")
  const own = useQuery({ queryKey: ["auth", "email"], queryFn: async () => told(await api.GET("/api/auth/email")) })
  if (own.error) return <ErrorState problem={own.error} onRetry={() => void own.refetch()} />
  return (
    <Part title={t("email.title")} about={t("email.about")}>
      {own.data ? (
        <p className="flex flex-wrap items-center gap-3">
          <span className="wrap-anywhere">{own.data.email}</span>
          <Badge kind={own.data.email_verified ? "up" : "warn"}>{t(own.data.email_verified ? "email.proved" : "email.notProved")}</Badge>
          {!own.data.email_verified && <Again email={own.data.email} />}
        </p>
      ) : (
        <Skeleton w="16rem" h="1.5rem" />
      )}
      <Other />
    </Part>
  )
}

function Again({ email }: { email: string }) {
  const { t } = useTranslation("account")
  const form = useForm([], async () => {
    await api.POST("/api/auth/verify-email/resend", { body: { email } })
    toast("info", t("email.sent"), email)
  })
  return (
    <form onSubmit={form.submit}>
      <Button type="submit" size="sm" variant="secondary" pending={form.pending}>
        {t("email.again")}
      </Button>
    </form>
  )
}

function Other() {
  const { t } = useTranslation("account")
  const [email, setEmail] = useState("")
  const form = useForm(["email"], async () => {
    await withStepUp(() => api.POST("/api/auth/email", { body: { email } }))
    toast("info", t("email.sent"), email)
    setEmail("")
  })
  return (
    <form onSubmit={form.submit} className="flex max-w-sm flex-col gap-3">
      {form.said && <Notice kind="down" title={form.said} />}
      <EmailField
        label={t("email.other")}
        hint={t("email.otherHint")}
        error={form.error("email")}
        autoComplete="email"
        value={email}
        onChange={setEmail}
      />
      <div>
        <Button type="submit" variant="secondary" pending={form.pending}>
          {t("email.go")}
        </Button>
      </div>
    </form>
  )
}
