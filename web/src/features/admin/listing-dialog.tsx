/** Proposes a new market of assets that are there; it begins halted. */

import { told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Field } from "@/components/field"
import { Select } from "@/components/select"
import { ActDialog } from "./act-dialog"
import { DecimalField, isAmount } from "./decimal-field"
import { ppmOf } from "./ppm"

const AMOUNTS = ["tick_size", "lot_size", "min_quantity", "max_quantity", "min_notional", "reference_price"] as const
type Amounts = Record<(typeof AMOUNTS)[number], string>
const EMPTY: Amounts = { tick_size: "", lot_size: "", min_quantity: "", max_quantity: "", min_notional: "", reference_price: "" }

export function ListingDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("admin")
  const assets = useQuery({ queryKey: ["assets"], queryFn: async () => told(await api.GET("/api/assets")).assets })
  const [base, setBase] = useState("")
  const [quote, setQuote] = useState("")
  const [amounts, setAmounts] = useState(EMPTY)
  const [band, setBand] = useState("10")
  const [orders, setOrders] = useState("1000")
  // A list shows its first entry when it has none of the chosen one's name: that is nothing, not an asset.
  const names = [{ value: "", label: t("markets.list.choose") }, ...(assets.data ?? []).map(({ asset }) => ({ value: asset, label: asset }))]
  const bandPpm = ppmOf(band)
  const whole = AMOUNTS.every((name) => isAmount(amounts[name])) && bandPpm !== null && /^\d{1,9}$/.test(orders)
  const missing = base === "" || quote === "" || base === quote ? t("markets.list.pair") : whole ? null : t("markets.list.fill")
  const fields = (
    <div className="grid grid-cols-2 gap-3">
      <Field label={t("markets.list.base")}>{({ id }) => <Select id={id} value={base} onChange={setBase} options={names} className="w-full" />}</Field>
      <Field label={t("markets.list.quote")}>{({ id }) => <Select id={id} value={quote} onChange={setQuote} options={names} className="w-full" />}</Field>
      {AMOUNTS.map((name) => (
        <DecimalField
          key={name}
          label={t(`markets.list.${name}`)}
          value={amounts[name]}
          onChange={(value) => setAmounts({ ...amounts, [name]: value })}
        />
      ))}
      <DecimalField label={t("markets.limits.band")} value={band} onChange={setBand} />
      <DecimalField label={t("markets.limits.max_open_orders")} value={orders} onChange={setOrders} />
    </div>
  )
  return (
    <ActDialog
      onClose={onClose}
      act={{
        title: t("markets.list.title"),
        description: t("markets.list.means"),
        confirm: t("propose"),
        reasons: ["new_creator", "requested"],
        fields,
        missing,
        run: async (reason) => {
          const body = { base, quote, ...amounts, band_ppm: bandPpm ?? 0, max_open_orders: Number(orders), reason }
          return told(await api.POST("/api/admin/markets", { body }))
        },
      }}
    />
  )
}
