/** Proposes other limits for a market; what is left as it is, is not sent. */

import { type Market, told } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { ActDialog } from "./act-dialog"
import { DecimalField, isAmount } from "./decimal-field"
import { ppmOf } from "./ppm"

const AMOUNTS = ["min_quantity", "max_quantity", "min_notional"] as const

export function LimitsDialog({ market, onClose }: { market: Market; onClose: () => void }) {
  const { t } = useTranslation("admin")
  const [amounts, setAmounts] = useState(() => Object.fromEntries(AMOUNTS.map((name) => [name, market[name]])))
  const [band, setBand] = useState("")
  const [orders, setOrders] = useState(String(market.max_open_orders))
  const changed = Object.entries(amounts).filter(([name, value]) => value !== market[name as (typeof AMOUNTS)[number]])
  const body = {
    ...Object.fromEntries(changed),
    ...(band === "" ? {} : { band_ppm: ppmOf(band) }),
    ...(orders === String(market.max_open_orders) ? {} : { max_open_orders: Number(orders) }),
  }
  const wrong = changed.some(([, value]) => !isAmount(value ?? "")) || (band !== "" && ppmOf(band) === null) || !/^\d{1,9}$/.test(orders)
  const missing = wrong ? t("notDecimal") : Object.keys(body).length === 0 ? t("markets.limits.same") : null
  const fields = (
    <div className="grid grid-cols-2 gap-3">
      {AMOUNTS.map((name) => (
        <DecimalField
          key={name}
          label={t(`markets.limits.${name}`, { base: market.base, quote: market.quote })}
          value={amounts[name] ?? ""}
          onChange={(value) => setAmounts({ ...amounts, [name]: value })}
        />
      ))}
      <DecimalField label={t("markets.limits.band")} hint={t("markets.limits.bandNow", { band: market.price_band })} value={band} onChange={setBand} />
      <DecimalField label={t("markets.limits.max_open_orders")} value={orders} onChange={setOrders} />
    </div>
  )
  return (
    <ActDialog
      onClose={onClose}
      act={{
        title: t("markets.limits.title", { market: market.market }),
        description: t("markets.limits.means"),
        confirm: t("propose"),
        reasons: ["volatility", "listing_review", "mistaken"],
        fields,
        missing,
        run: async (reason) =>
          told(
            await api.POST("/api/admin/markets/{market}/limits", {
              params: { path: { market: market.market } },
              body: { ...body, reason },
            }),
          ),
      }}
    />
  )
}
