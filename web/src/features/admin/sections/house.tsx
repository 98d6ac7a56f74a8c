/** Payments from the house's own accounts: proposed here, agreed to by somebody else. */

import { told } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"
import { type Act, ActDialog } from "../act-dialog"
import { DecimalField, isAmount } from "../decimal-field"

const EMPTY = { from: "", to: "", asset: "", amount: "" }

/** Whether a text is an account's number. */
const isAccount = (value: string): boolean => /^\d{1,15}$/.test(value)

export default function HouseSection() {
  const { t } = useTranslation("admin")
  const [typed, setTyped] = useState(EMPTY)
  const [act, setAct] = useState<Act | null>(null)
  const whole = isAccount(typed.from) && isAccount(typed.to) && typed.asset !== "" && isAmount(typed.amount) && typed.amount !== ""
  const propose = (): void => {
    const { from, to, asset, amount } = typed
    // Made before it is sent, so that sending again after a lost answer pays once.
    const key = crypto.randomUUID()
    const body = { from_account_id: Number(from), to_account_id: Number(to), asset, amount }
    setAct({
      title: t("house.title", { amount, asset, from, to }),
      description: t("house.means"),
      confirm: t("propose"),
      reasons: ["compensation", "promotion", "correction"],
      run: async (reason) =>
        told(
          await api.POST("/api/admin/house/transfers", {
            params: { header: { "Idempotency-Key": key } },
            body: { ...body, reason },
          }),
        ),
    })
  }
  return (
    <form
      className="flex max-w-lg flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (whole) propose()
      }}
    >
      <Notice kind="info" title={t("house.what")}>
        {t("house.how")}
      </Notice>
      <div className="grid grid-cols-2 gap-3">
        <DecimalField label={t("house.from")} hint={t("house.fromHint")} value={typed.from} onChange={(from) => setTyped({ ...typed, from })} />
        <DecimalField label={t("house.to")} value={typed.to} onChange={(to) => setTyped({ ...typed, to })} />
        <Field label={t("house.asset")}>
          {(ids) => (
            <TextInput id={ids.id} value={typed.asset} autoCapitalize="characters" onChange={(event) => setTyped({ ...typed, asset: event.target.value.toUpperCase() })} />
          )}
        </Field>
        <DecimalField label={t("house.amount")} value={typed.amount} onChange={(amount) => setTyped({ ...typed, amount })} />
      </div>
      <div>
        <Button type="submit" variant="primary" disabled={!whole}>
          {t("house.go")}
        </Button>
      </div>
      <ActDialog act={act} onClose={() => setAct(null)} />
    </form>
  )
}
