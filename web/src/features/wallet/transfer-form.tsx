import { told } from "@cse/core"
import { ArrowRight } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useAssets } from "@/app/data/markets"
import type { OwnAccount } from "@/app/data/own-accounts"
import { api } from "@/app/exchange"
import { queries } from "@/app/query"
import { useForm } from "@/app/use-form"
import { Amount } from "@/components/amount"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { NumberInput } from "@/components/number-input"
import { Select } from "@/components/select"
import { toast } from "@/components/toasts"
import { useAvailableIn } from "./available"

/** Moves money between two of the person's accounts, at once and without a fee. */
export function TransferForm({ accounts }: { accounts: readonly OwnAccount[] }) {
  const { t } = useTranslation("wallet")
  const assets = useAssets()
  const [from, setFrom] = useState(String(accounts[0]?.id ?? ""))
  const [to, setTo] = useState(String(accounts[1]?.id ?? ""))
  const [asset, setAsset] = useState("USDC")
  const [amount, setAmount] = useState("")
  const [key, setKey] = useState(() => crypto.randomUUID())
  const available = useAvailableIn(from, asset)
  const decimals = assets.find((each) => each.asset === asset)?.decimals ?? 0
  const form = useForm(["from_account_id", "to_account_id", "asset", "amount"], async () => {
    const body = { from_account_id: Number(from), to_account_id: Number(to), asset, amount }
    told(await api.POST("/api/transfers", { params: { header: { "Idempotency-Key": key } }, body }))
    setKey(crypto.randomUUID())
    setAmount("")
    toast("up", t("transfers.done"))
    await Promise.all(["balances", "portfolio", "transfers"].map((name) => queries.invalidateQueries({ queryKey: [name] })))
  })
  // Another transfer than the one that was sent needs another key.
  const change = (set: (value: string) => void) => (value: string) => (set(value), setKey(crypto.randomUUID()))
  const options = accounts.map((each) => ({ value: String(each.id), label: each.label }))
  return (
    <form onSubmit={form.submit} className="flex flex-col gap-4">
      {form.said !== null && <Notice kind="down" title={form.said} />}
      <div className="grid items-start gap-3 md:grid-cols-[1fr_auto_1fr]">
        <Field label={t("transfers.from")} error={form.error("from_account_id")}>
          {({ id, ...ids }) => <Select id={id} {...ids} value={from} onChange={change(setFrom)} options={options} className="w-full" />}
        </Field>
        <ArrowRight aria-hidden size={16} strokeWidth={1.5} className="mt-7 text-muted max-md:hidden rtl:rotate-180" />
        <Field label={t("transfers.to")} error={form.error("to_account_id")}>
          {({ id, ...ids }) => <Select id={id} {...ids} value={to} onChange={change(setTo)} options={options} className="w-full" />}
        </Field>
      </div>
      <div className="grid items-start gap-3 md:grid-cols-[10rem_1fr_auto]">
        <Field label={t("play.asset")} error={form.error("asset")}>
          {({ id, ...ids }) => (
            <Select id={id} {...ids} value={asset} onChange={change(setAsset)} options={assets.map((each) => ({ value: each.asset, label: each.asset }))} className="w-full" />
          )}
        </Field>
        <Field label={t("play.amount")} error={form.error("amount")} aside={available && <All value={available} asset={asset} onPress={change(setAmount)} />}>
          {(ids) => <NumberInput {...ids} name="amount" value={amount} onChange={change(setAmount)} step="1" min="0" decimals={decimals} unit={asset} />}
        </Field>
        <Button type="submit" variant="primary" pending={form.pending} disabled={amount === "" || from === to} className="md:mt-5.5">
          {t("transfers.send")}
        </Button>
      </div>
      {from === to && <p className="text-12 text-muted">{t("transfers.same")}</p>}
    </form>
  )
}

/** What there is to move; pressed, all of it. */
function All({ value, asset, onPress }: { value: string; asset: string; onPress: (value: string) => void }) {
  const { t } = useTranslation("wallet")
  return (
    <button type="button" className="underline underline-offset-2 hover:text-text" onClick={() => onPress(value)}>
      {t("columns.available")} <Amount value={value} asset={asset} />
    </button>
  )
}
