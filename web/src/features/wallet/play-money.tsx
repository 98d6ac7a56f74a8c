import { formatDecimal, told } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useAssets } from "@/app/data/markets"
import { api } from "@/app/exchange"
import { queries } from "@/app/query"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { NumberInput } from "@/components/number-input"
import { Select } from "@/components/select"
import { toast } from "@/components/toasts"

const QUICK = ["100", "1000", "10000"] as const

/** Play money: the exchange gives what is asked for. The same press is never booked twice: its key stays until it is done. */
export function PlayMoney() {
  const { t, i18n } = useTranslation("wallet")
  const assets = useAssets()
  const [asset, setAsset] = useState("USDC")
  const [amount, setAmount] = useState("1000")
  const [key, setKey] = useState(() => crypto.randomUUID())
  const decimals = assets.find((each) => each.asset === asset)?.decimals ?? 0
  const form = useForm(["asset", "amount"], async () => {
    const params = { header: { "Idempotency-Key": key } }
    const got = told(await api.POST("/api/sandbox/deposits", { params, body: { asset, amount } }))
    setKey(crypto.randomUUID())
    toast("up", t("play.got", { amount: formatDecimal(got.amount, i18n.language), asset: got.asset }))
    await Promise.all(["balances", "portfolio"].map((name) => queries.invalidateQueries({ queryKey: [name] })))
  })
  const change = (set: (value: string) => void) => (value: string) => (set(value), setKey(crypto.randomUUID()))
  return (
    <form onSubmit={form.submit} className="flex flex-col gap-4 border-t-2 border-text pt-4">
      <div>
        <h2 className="font-display text-20">{t("play.title")}</h2>
        <p className="mt-1 text-13 text-muted">{t("play.body")}</p>
      </div>
      {form.said !== null && <Notice kind="down" title={form.said} />}
      <Field label={t("play.asset")} error={form.error("asset")}>
        {({ id, ...ids }) => (
          <Select id={id} {...ids} value={asset} onChange={change(setAsset)} options={optionsOf(assets, asset)} className="w-full" />
        )}
      </Field>
      <Field label={t("play.amount")} error={form.error("amount")}>
        {(ids) => <NumberInput {...ids} name="amount" value={amount} onChange={change(setAmount)} step="100" min="0" decimals={decimals} unit={asset} />}
      </Field>
      <div className="grid grid-cols-3 gap-2">
        {QUICK.map((each) => (
          <Button key={each} size="sm" onClick={() => change(setAmount)(each)}>
            <span className="num">{formatDecimal(each, i18n.language)}</span>
          </Button>
        ))}
      </div>
      <Button type="submit" variant="primary" pending={form.pending} disabled={amount === ""}>
        {t("play.get")}
      </Button>
    </form>
  )
}

function optionsOf(assets: readonly { asset: string }[], chosen: string): { value: string; label: string }[] {
  const names = assets.length > 0 ? assets.map((each) => each.asset) : [chosen]
  return names.map((value) => ({ value, label: value }))
}
