/** Asks for a link that sets another password. */

import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { AskLetter } from "./ask-letter"
import { AuthCard } from "./auth-card"

export default function ForgotPasswordPage() {
  const { t } = useTranslation("auth")
  const foot = (
    <Link to="/login" className="text-brand underline">
      {t("login.title")}
    </Link>
  )
  return (
    <AuthCard title={t("forgot.title")} lead={t("forgot.lead")} foot={foot}>
      <AskLetter label={t("forgot.go")} send={(email) => api.POST("/api/auth/password-reset", { body: { email } })} />
    </AuthCard>
  )
}
