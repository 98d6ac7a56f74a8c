/** Closing a sub-account, which is for good: asked once. */

import type { components } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { ConfirmDialog } from "@/components/confirm-dialog"

interface Props {
  account: components["schemas"]["SubAccountJson"]
  pending: boolean
  onClose: () => void
}

export function CloseSubAccount({ account, pending, onClose }: Props) {
  const { t } = useTranslation("account")
  const [asked, setAsked] = useState(false)
  return (
    <>
      <Button size="sm" variant="secondary" pending={pending} onClick={() => setAsked(true)}>
        {t("subAccounts.close")}
      </Button>
      <ConfirmDialog
        open={asked}
        onOpenChange={setAsked}
        title={t("subAccounts.closeTitle", { label: account.label })}
        description={t("subAccounts.closeMeans")}
        confirmLabel={t("subAccounts.close")}
        danger
        onConfirm={onClose}
      />
    </>
  )
}
