/** For people who are logged in and come to a page for those who are not. */

import { useSearch } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useSession } from "@/app/data/person"
import { LinkButton } from "@/components/link-button"
import { AuthCard } from "./auth-card"
import { ownPage } from "./enter"

/** Whether this person was in before they came here; whoever comes in by this page goes on at once, and is not told so. */
export function useWasIn(): boolean {
  const { isPerson } = useSession()
  const [wasIn] = useState(isPerson)
  return isPerson && wasIn
}

export function AlreadyIn() {
  const { t } = useTranslation("auth")
  const { next } = useSearch({ strict: false })
  return (
    <AuthCard title={t("login.already")}>
      <LinkButton to={ownPage(next) ?? "/markets"} variant="primary">
        {t("login.goOn")}
      </LinkButton>
    </AuthCard>
  )
}
