/** Asks before an order is sent, where the person wants that. */

import { formatDecimal, type Market, type PlaceOrder } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { usePreferences } from "@/app/preferences"
import { Button } from "@/components/button"
import { Checkbox } from "@/components/checkbox"
import { Dialog } from "@/components/dialog"
import { orderWords } from "./order-words"

export interface ConfirmProps {
  market: Market
  /** null: closed. */
  order: PlaceOrder | null
  onClose: () => void
  onSend: (order: PlaceOrder) => void
}

export function Confirm({ market, order, onClose, onSend }: ConfirmProps) {
  const { t, i18n } = useTranslation(["trade", "common"])
  const set = usePreferences((store) => store.set)
  const [never, setNever] = useState(false)
  if (order === null) return null
  const send = (): void => {
    if (never) set({ confirmOrders: false })
    onClose()
    onSend(order)
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("confirm.title")}
      size="sm"
      footer={
        <>
          <Button onClick={onClose}>{t("common:action.back")}</Button>
          <Button data-autofocus variant={order.side === "buy" ? "up" : "down"} onClick={send}>
            {t(`confirm.${order.side}`, { asset: market.base })}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-13">
        <p className="text-16 font-medium">{orderWords(t, market, order)}</p>
        {order.trigger_price && (
          <p className="text-muted">
            {t("confirm.trigger", { price: formatDecimal(order.trigger_price, i18n.language), asset: market.quote })}
          </p>
        )}
        <p className="text-muted">{t(`ticket.tif.${order.time_in_force ?? "gtc"}`)}</p>
        <Checkbox checked={never} onChange={setNever} label={t("confirm.never")} hint={t("confirm.neverHint")} />
      </div>
    </Dialog>
  )
}
