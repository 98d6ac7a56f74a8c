/** All accounts of a person: the first one and the sub-accounts. */

import { useTranslation } from "react-i18next"
import { useProfile, useSubAccountsQuery } from "./person"

export interface OwnAccount {
  id: number
  label: string
  /** Whether it can be used: money moves, keys act on it. */
  isOpen: boolean
}

/** All of them, closed ones too, the first one first; null while they load. */
export function useOwnAccounts(): { accounts: readonly OwnAccount[] | null; error: Error | null; retry: () => void } {
  const { t } = useTranslation("common")
  const profile = useProfile()
  const { data, error, refetch } = useSubAccountsQuery()
  const accounts = profile &&
    data && [
      { id: profile.account_id, label: t("menu.firstAccount"), isOpen: true },
      ...data.map((each) => ({ id: each.account_id, label: each.label, isOpen: each.status === "open" })),
    ]
  return { accounts: accounts ?? null, error, retry: () => void refetch() }
}
