/** Own fills, gathered for the chart: one mark for each candle and side, however often it traded. */

import { add, type AccountFill, multiply, scaleOf, text, units } from "@cse/core"
import { type Interval, opensAt } from "../engine/intervals"

export interface FillMark {
  /** Of the candle, Unix milliseconds. */
  time: number
  side: "buy" | "sell"
  count: number
  /** Exact, in base. */
  quantity: string
  /** Exact, in quote: price x quantity of all of them. */
  quote: string
  /** Number for its place on the axis; the exact sum is `quote`. */
  price: number
}

/** Fills may come twice (asked for, and live): the trade and the order name each once. */
export function marksOf(fills: readonly AccountFill[], interval: Interval): FillMark[] {
  const seen = new Set<string>()
  const marks = new Map<string, FillMark>()
  for (const fill of fills) {
    const name = `${fill.trade_id}/${fill.order_id}`
    if (seen.has(name)) continue
    seen.add(name)
    const time = opensAt(interval, fill.time)
    const key = `${time}/${fill.side}`
    marks.set(key, joined(marks.get(key), fill, time))
  }
  return [...marks.values()].sort((one, other) => one.time - other.time)
}

function joined(mark: FillMark | undefined, fill: AccountFill, time: number): FillMark {
  const value = multiply(fill.price, fill.quantity)
  const quantity = mark ? add(mark.quantity, fill.quantity) : fill.quantity
  const quote = mark ? add(mark.quote, value) : value
  const price = Number(quote) / Number(quantity)
  return { time, side: fill.side, count: (mark?.count ?? 0) + 1, quantity, quote, price }
}

/** Paid per base, with the market's price decimals, cut: exact where one price was paid. */
export function averagePrice({ quote, quantity }: Pick<FillMark, "quote" | "quantity">): string {
  const [all, base] = [scaleOf(quote), scaleOf(quantity)]
  return text(units(quote, all) / units(quantity, base), all - base)
}
