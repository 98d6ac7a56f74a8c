/** A number of an open order that can be changed where it stands: press, type, Enter. */

import { formatDecimal, type Market, type Order, told, trimmed } from "@cse/core"
import { type KeyboardEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { NumberInput } from "@/components/number-input"
import { toast } from "@/components/toasts"

type Amendable = "price" | "trigger_price" | "quantity"

export interface AmendCellProps {
  order: Order
  field: Amendable
  /** null while the market is not known. */
  market: Market | null
}

export function AmendCell({ order, field, market }: AmendCellProps) {
  const { t, i18n } = useTranslation("trade")
  const value = order[field]
  const [draft, setDraft] = useState<string | null>(null)
  const [pending, setPending] = useState(false)
  if (value === null) return <span className="text-faint">–</span>
  const open = market !== null && market.status === "open"
  if (draft === null || market === null) {
    return (
      <button
        type="button"
        disabled={!open}
        title={open ? t("orders.amendHint") : undefined}
        aria-label={t(`orders.amend.${field}`, { value: formatDecimal(value, i18n.language) })}
        onClick={() => setDraft(value)}
        className="num -me-1 h-6 rounded-input border border-transparent px-1 enabled:hover:border-line-strong disabled:cursor-default"
      >
        {formatDecimal(value, i18n.language)}
      </button>
    )
  }
  const save = async (): Promise<void> => {
    if (draft === "" || trimmed(draft) === trimmed(value)) return setDraft(null)
    setPending(true)
    try {
      await amend(order.id, { [field]: trimmed(draft) })
      toast("up", t("orders.amended"))
    } catch (problem) {
      toast("down", t("orders.amendRefused"), problemText(t, problem))
    }
    setPending(false)
    setDraft(null)
  }
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Enter") void save()
    if (event.key === "Escape") setDraft(null)
    if (event.key === "Enter" || event.key === "Escape") event.stopPropagation()
  }
  return (
    <NumberInput
      aria-label={t(`orders.amending.${field}`)}
      ref={(input) => input?.focus()}
      value={draft}
      onChange={setDraft}
      onKeyDown={keys}
      onBlur={() => !pending && setDraft(null)}
      readOnly={pending}
      step={field === "quantity" ? market.lot_size : market.tick_size}
      decimals={field === "quantity" ? market.quantity_decimals : market.price_decimals}
      className="h-6! px-1! text-12!"
    />
  )
}

async function amend(orderId: number, change: Partial<Record<Amendable, string>>): Promise<void> {
  told(await api.PATCH("/api/orders/{order_id}", { params: { path: { order_id: orderId } }, body: change }))
}
