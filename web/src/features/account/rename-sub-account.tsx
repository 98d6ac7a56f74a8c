/** Another label for a sub-account. */

import type { components } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"

interface Props {
  account: components["schemas"]["SubAccountJson"]
  onRenamed: () => void
}

export function RenameSubAccount({ account, onRenamed }: Props) {
  const { t } = useTranslation("account")
  const [open, setOpen] = useState(false)
  const [label, setLabel] = useState(account.label)
  const form = useForm(["label"], async () => {
    await api.PATCH("/api/sub-accounts/{account_id}", { params: { path: { account_id: account.account_id } }, body: { label } })
    setOpen(false)
    onRenamed()
  })
  return (
    <>
      <Button size="sm" variant="secondary" onClick={() => setOpen(true)}>
        {t("subAccounts.rename")}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t("subAccounts.renameTitle", { label: account.label })}>
        <form onSubmit={form.submit} className="flex flex-col gap-4">
          {form.said && <Notice kind="down" title={form.said} />}
          <Field label={t("subAccounts.label")} error={form.error("label")}>
            {(ids) => <TextInput {...ids} name="label" required value={label} onChange={(event) => setLabel(event.target.value)} />}
          </Field>
          <Button type="submit" variant="primary" pending={form.pending}>
            {t("save")}
          </Button>
        </form>
      </Dialog>
    </>
  )
}
