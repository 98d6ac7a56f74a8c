/** What the ticket tells before an order is sent, from the exchange's preview or, without one, from what it knows. */

import { changePpm, compare, type Market, multiply, type Preview, text, truncate, units } from "@cse/core"
import { bandOf, type Sized } from "./sizing"
import type { Draft } from "./draft"

/** From here on slippage is a warning, parts per million of the best price. */
export const SLIPPAGE_WARNING_PPM = 10_000
/** A limit so far on the wrong side of the best price is a warning. */
export const FAR_PRICE_PPM = 20_000

/** A fee as the engine takes it (MATCH-062): ceil(amount x ppm / 10^6), in units of the asset that is received. */
export function feeOf(amount: string, ppm: number, decimals: number): string {
  return text((units(amount, decimals) * BigInt(ppm) + 999_999n) / 1_000_000n, decimals)
}

/** The fee of an order that fills at its limit; null where only the market knows. `decimals` are those of what is received. */
export function limitFee(draft: Draft, { quantity, total }: Sized, ppm: number, decimals: number): string | null {
  const amount = draft.side === "buy" ? quantity : total
  return amount === "" || total === "" ? null : feeOf(amount, ppm, decimals)
}

/** How much worse the average price is than the best one, parts per million; 0 or more; null when nothing would fill. */
export function slippagePpm(preview: Preview | null, best: string | null | undefined): number | null {
  if (!preview?.average_price || !best) return null
  const ppm = changePpm(best, preview.average_price)
  if (ppm === null) return null
  return Math.max(0, preview.side === "buy" ? ppm : -ppm)
}

/** How far beyond the best price of the other side a limit is, parts per million: a buy above the ask, a sell below the bid. */
export function beyondPpm(draft: Draft, bid: string | null | undefined, ask: string | null | undefined): number {
  const best = draft.side === "buy" ? ask : bid
  if (!best || draft.price === "" || draft.type !== "limit") return 0
  const ppm = changePpm(best, draft.price) ?? 0
  return Math.max(0, draft.side === "buy" ? ppm : -ppm)
}

/** Whether a market order would leave something unfilled: the book ends before it, or the price band does (MATCH-021). */
export function leavesRest(market: Market, draft: Draft, preview: Preview | null, last: string | null): boolean {
  if (preview === null || draft.type !== "market") return false
  if (draft.amountIn === "base" && draft.amount !== "") return compare(preview.filled_quantity, draft.amount) < 0
  const least = multiply(bandOf(market, last, draft).high, market.lot_size)
  const left = units(draft.amount || "0", 12) - units(truncate(preview.quote_amount, 12), 12)
  return left > units(truncate(least, 12), 12)
}
