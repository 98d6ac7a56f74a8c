/** Which rows of the book hold own orders. */

import { type Order, toStep } from "@cse/core"

/** Own open quantity's prices by side, put together by `step` as the book is: bids down, asks up. */
export function ownPrices(orders: readonly Order[], step: string): Record<Order["side"], Map<string, number>> {
  const found = { buy: new Map<string, number>(), sell: new Map<string, number>() }
  for (const { side, price, status } of orders) {
    if (price === null || status === "pending_trigger") continue
    const key = levelKey(toStep(price, step, side === "sell"))
    found[side].set(key, (found[side].get(key) ?? 0) + 1)
  }
  return found
}

/** The same for "1.2", "1.20" and "1.2000": books with steps print fewer decimals. */
export function levelKey(price: string): string {
  return price.includes(".") ? price.replace(/\.?0+$/, "") : price
}
