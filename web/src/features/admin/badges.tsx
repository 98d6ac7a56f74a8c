/** Statuses as words with their colours. */

import { useTranslation } from "react-i18next"
import { Badge } from "@/components/badge"
import type { Check, Person } from "./staff"

const CHECK_KIND = {
  approved: "up",
  draft: "plain",
  held: "warn",
  more_needed: "info",
  rejected: "down",
  submitted: "warn",
  withdrawn: "plain",
} as const

/** A check's status as a word with its colour. */
export function CheckBadge({ status }: { status: Check["status"] }) {
  const { t } = useTranslation("admin")
  return <Badge kind={CHECK_KIND[status]}>{t(`identity.is.${status}`)}</Badge>
}

/** An account's status as a word with its colour; null: the engine does not know it yet. */
export function StatusBadge({ status }: { status: Person["status"] }) {
  const { t } = useTranslation("admin")
  if (status === null) return <Badge kind="warn">{t("users.is.unknown")}</Badge>
  return <Badge kind={status === "open" ? "up" : status === "frozen" ? "warn" : "plain"}>{t(`users.is.${status}`)}</Badge>
}
