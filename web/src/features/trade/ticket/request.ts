/** What is sent for a draft. */

import { type Market, type PlaceOrder, toStep, trimmed, truncate } from "@cse/core"
import { expiryOf } from "./check"
import { type Draft, hasPrice, isTriggered } from "./draft"
import { quoteDecimals, sized } from "./sizing"

/** Makes the call's body; null while something that it needs is missing. */
export function requestOf(market: Market, draft: Draft, clientOrderId: string | null): PlaceOrder | null {
  const [size, prices, expiresAt] = [sizeOf(market, draft), pricesOf(draft), expiryOf(draft)]
  if (size === null || prices === null || (draft.timeInForce === "gtd" && expiresAt === null)) return null
  return {
    market: market.market,
    side: draft.side,
    type: draft.type,
    ...prices,
    ...size,
    time_in_force: draft.timeInForce,
    expires_at: draft.timeInForce === "gtd" ? expiresAt : null,
    post_only: draft.postOnly,
    client_order_id: clientOrderId,
    self_trade_prevention: draft.selfTrade,
  }
}

function sizeOf(market: Market, draft: Draft): Pick<PlaceOrder, "quantity" | "quote_quantity"> | null {
  const { quantity, total } = sized(market, draft)
  if (quantity !== "") return { quantity: toStep(quantity, market.lot_size), quote_quantity: null }
  return total === "" ? null : { quantity: null, quote_quantity: truncate(total, quoteDecimals(market)) }
}

function pricesOf(draft: Draft): Pick<PlaceOrder, "price" | "trigger_price"> | null {
  const [priced, triggered] = [hasPrice(draft.type), isTriggered(draft.type)]
  if ((priced && draft.price === "") || (triggered && draft.trigger === "")) return null
  return { price: priced ? trimmed(draft.price) : null, trigger_price: triggered ? trimmed(draft.trigger) : null }
}

/** Makes a client order id: before the first attempt, and the same for all of them. */
export function newClientOrderId(): string {
  return crypto.randomUUID()
}
