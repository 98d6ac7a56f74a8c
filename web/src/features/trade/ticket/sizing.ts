/** Arithmetic of the ticket, in whole units: never more than what is there, never finer than tick and lot. */

import { compare, type Market, multiply, scaleOf, text, toStep, truncate, units } from "@cse/core"
import { type Draft, hasPrice, isTriggered } from "./draft"

/** Decimals of the market's quote asset: amounts of it are printed with all of them. */
export function quoteDecimals(market: Market): number {
  return scaleOf(market.min_notional)
}

/** What a quantity costs at a price, exact; "" without one of the two. */
export function totalOf(market: Market, price: string, quantity: string): string {
  if (price === "" || quantity === "") return ""
  return truncate(multiply(price, quantity), quoteDecimals(market))
}

/** The most whole lots that a total pays for at a price; "" where there is none to compute. */
export function quantityFor(market: Market, price: string, total: string): string {
  if (price === "" || total === "" || compare(price, "0") === 0) return ""
  const scale = Math.max(scaleOf(total), quoteDecimals(market))
  const [have, each] = [units(total, scale), units(price, scaleOf(price))]
  const lots = (have * 10n ** BigInt(scaleOf(price))) / each
  return toStep(text(lots, scale), market.lot_size)
}

/** A share of what is available, rounded down to units of its own decimals. */
export function shareOf(available: string, percent: number): string {
  const scale = scaleOf(available)
  return text((units(available, scale) * BigInt(Math.round(percent * 100))) / 10_000n, scale)
}

/** How large an amount is against what is available, 0 to 100, for the slider. */
export function percentOf(available: string, amount: string): number {
  if (amount === "") return 0
  const scale = Math.max(scaleOf(available), scaleOf(amount))
  const whole = units(available, scale)
  if (whole === 0n) return 0
  const percent = (units(amount, scale) * 100n + whole / 2n) / whole
  return percent > 100n ? 100 : Number(percent)
}

export interface Sized {
  /** In the base asset; "" for a market order by its total, or nothing yet. */
  quantity: string
  /** In the quote asset: price times quantity, or the budget; "" where only the market knows. */
  total: string
}

/** Quantity and total of a draft, of which a person gave one. */
export function sized(market: Market, draft: Draft): Sized {
  const { amount, amountIn } = draft
  const price = hasPrice(draft.type) ? draft.price : ""
  if (amountIn === "base") return { quantity: amount, total: totalOf(market, price, amount) }
  if (!hasPrice(draft.type)) return { quantity: "", total: amount }
  const quantity = quantityFor(market, price, amount)
  return { quantity, total: totalOf(market, price, quantity) }
}

/** The amount that a percentage of what is available makes, in the draft's own unit or, if need be, the other one. */
export function amountFor(market: Market, draft: Draft, available: string, percent: number): Partial<Draft> {
  const share = shareOf(available, percent)
  if (draft.side === "sell") {
    const quantity = toStep(share, market.lot_size)
    if (draft.amountIn === "base") return { amount: quantity }
    return { amount: totalOf(market, draft.price, quantity) }
  }
  if (draft.amountIn === "quote" || !hasPrice(draft.type)) return { amount: share, amountIn: "quote" }
  return { amount: quantityFor(market, draft.price, share) }
}

/** What of an order counts against what is available: the quote total of a buy, the base quantity of a sell. */
export function spends(draft: Draft, sizedNow: Sized): string {
  return draft.side === "buy" ? sizedNow.total : sizedNow.quantity
}

export interface Band {
  low: string
  high: string
}

/**
 * The prices that a limit may have (MATCH-071): `reference ± reference x band`, the width in whole ticks rounded down
 * but at least one; around the last trade, before the first one around the listing's price, for a waiting order around
 * its trigger price.
 */
export function bandOf(market: Market, last: string | null, draft: Pick<Draft, "type" | "trigger">): Band {
  const around = isTriggered(draft.type) && draft.trigger !== "" ? draft.trigger : (last ?? market.reference_price)
  const scale = market.price_decimals
  const tick = units(market.tick_size, scale)
  const ticks = units(toStep(around, market.tick_size), scale) / tick
  const part = (ticks * units(market.price_band, 6)) / 1_000_000n
  const width = part < 1n ? 1n : part
  const low = ticks - width < 1n ? 1n : ticks - width
  return { low: text(low * tick, scale), high: text((ticks + width) * tick, scale) }
}

/** What the order holds while it is open (MATCH-060, MATCH-034), and of which asset. */
export function holdOf(market: Market, draft: Draft, last: string | null): { amount: string; asset: string } {
  const { quantity, total } = sized(market, draft)
  if (draft.side === "sell") return { amount: quantity, asset: market.base }
  if (total !== "" || quantity === "") return { amount: total, asset: market.quote }
  return { amount: totalOf(market, bandOf(market, last, draft).high, quantity), asset: market.quote }
}
