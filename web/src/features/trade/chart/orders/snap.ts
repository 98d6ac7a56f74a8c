/** From a place on the price axis to a price that the market takes. */

import { type Market, text, truncate, units } from "@cse/core"

type Grid = Pick<Market, "tick_size" | "price_decimals">

/** The price on the market's grid nearest to a number from the axis, at least one tick; exact from there on. */
export function snap(value: number, market: Grid): string {
  const tick = units(market.tick_size, market.price_decimals)
  const steps = BigInt(Math.max(1, Math.round(value / Number(market.tick_size))))
  return text(steps * tick, market.price_decimals)
}

/** A price so many ticks higher (or lower), at least one tick. */
export function stepped(price: string, ticks: number, market: Grid): string {
  const tick = units(market.tick_size, market.price_decimals)
  const moved = units(truncate(price, market.price_decimals), market.price_decimals) + BigInt(ticks) * tick
  return text(moved < tick ? tick : moved, market.price_decimals)
}
