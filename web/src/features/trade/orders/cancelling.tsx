/** Cancelling one order, or all that are listed. */

import { type Order, told } from "@cse/core"
import { X } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useOpenOrders } from "@/app/data/orders"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { ConfirmDialog } from "@/components/confirm-dialog"
import { IconButton } from "@/components/icon-button"
import { toast } from "@/components/toasts"
import { useCancelAll } from "../use-cancel-all"

export function CancelButton({ order }: { order: Order }) {
  const { t } = useTranslation("trade")
  const [pending, setPending] = useState(false)
  const cancel = async (): Promise<void> => {
    setPending(true)
    try {
      told(await api.DELETE("/api/orders/{order_id}", { params: { path: { order_id: order.id } } }))
    } catch (problem) {
      toast("down", t("orders.cancelRefused"), problemText(t, problem))
      setPending(false)
    }
  }
  return (
    <IconButton
      size="sm"
      label={t("orders.cancel")}
      aria-busy={pending}
      disabled={pending}
      icon={<X aria-hidden size={14} strokeWidth={1.5} />}
      onClick={() => void cancel()}
      className="h-6!"
    />
  )
}

/** Asks once, then cancels all of a market or of all; opened by `useCancelAll`. */
export function CancelAllDialog() {
  const { t } = useTranslation("trade")
  const { scope, ask } = useCancelAll()
  const { orders } = useOpenOrders(scope ?? null)
  const count = orders.length
  const cancel = async (): Promise<void> => {
    try {
      const query = scope ? { market: scope } : {}
      const { cancelled } = told(await api.DELETE("/api/orders", { params: { query } }))
      toast("up", t("orders.cancelledAll", { count: cancelled }))
    } catch (problem) {
      toast("down", t("orders.cancelRefused"), problemText(t, problem))
    }
  }
  return (
    <ConfirmDialog
      open={scope !== undefined}
      onOpenChange={(open) => !open && ask(undefined)}
      danger
      disabled={count === 0}
      title={scope ? t("orders.cancelAllOf", { count, market: scope }) : t("orders.cancelAllTitle", { count })}
      description={t("orders.cancelAllBody")}
      confirmLabel={t("orders.cancelAllDo", { count })}
      onConfirm={cancel}
    />
  )
}
