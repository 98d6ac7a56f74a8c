/** Tells of own fills as they come, and of orders that closed without being filled; with a sound, if wanted. */

import { add, type AccountFill, formatDecimal, type Order } from "@cse/core"
import { useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import { useSession } from "@/app/data/person"
import { live } from "@/app/exchange"
import { play } from "@/app/sounds"
import { toast } from "@/components/toasts"

interface News {
  orders?: readonly Order[]
  fills?: readonly AccountFill[]
}

/** Fills of one order within this time are one message, ms. */
const TOGETHER_MS = 300

export function FillToasts() {
  const { t, i18n } = useTranslation("trade")
  const { isPerson } = useSession()
  const words = useRef({ t, locale: i18n.language })
  useEffect(() => {
    words.current = { t, locale: i18n.language }
  })
  useEffect(() => {
    if (!isPerson) return
    const waiting = new Map<number, AccountFill[]>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const tell = (): void => {
      timer = undefined
      for (const fills of waiting.values()) tellFills(fills, words.current)
      waiting.clear()
    }
    const end = live.use("user.orders", (event) => {
      if (event.type !== "data" || event.snapshot) return
      const news = event.news as News
      for (const fill of news.fills ?? []) waiting.set(fill.order_id, [...(waiting.get(fill.order_id) ?? []), fill])
      for (const order of news.orders ?? []) tellClosed(order, words.current)
      if (waiting.size > 0) timer ??= setTimeout(tell, TOGETHER_MS)
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [isPerson])
  return null
}

interface Words {
  t: ReturnType<typeof useTranslation<"trade">>["t"]
  locale: string
}

function tellFills(fills: readonly AccountFill[], { t, locale }: Words): void {
  const first = fills[0]
  if (!first) return
  const [base = "", quote = ""] = first.market.split("-")
  const sum = (key: "quantity" | "quote_amount"): string => fills.map((fill) => fill[key]).reduce(add)
  play("fill")
  toast(
    "up",
    t(`fills.told.${first.side}`, { quantity: formatDecimal(sum("quantity"), locale), asset: base }),
    t("fills.toldBody", { total: formatDecimal(sum("quote_amount"), locale), asset: quote }),
  )
}

/** Reasons that nobody asked for: the person's own cancelling is no news, and filled orders tell by their fills. */
const UNASKED = new Set<Order["reason"]>(["cancel_after", "expired", "market_closed", "self_trade", "trigger_refused", "trigger_unfunded"])

function tellClosed(order: Order, { t }: Words): void {
  if (!UNASKED.has(order.reason)) return
  play("refused")
  toast("warn", t("orders.closedTold", { id: order.id, market: order.market }), t(`closing.${order.reason}`))
}
