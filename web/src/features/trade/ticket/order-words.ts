/** An order in one sentence: "Buy 10.00 NOVA at 1.2431 USDC". */

import { formatDecimal, type Market, type PlaceOrder } from "@cse/core"
import type { TFunction } from "i18next"
import i18next from "i18next"

export function orderWords(t: TFunction<"trade">, market: Market, order: PlaceOrder): string {
  const amount = order.quantity ? `${number(order.quantity)} ${market.base}` : number(order.quote_quantity)
  const how = order.quantity ? "amount" : "budget"
  const kind = order.price ? "limit" : "market"
  return t(`words.${order.side}.${how}.${kind}`, {
    amount,
    base: market.base,
    quote: market.quote,
    price: number(order.price),
  })
}

function number(value: string | null | undefined): string {
  return formatDecimal(value ?? "", i18next.language)
}
