/** An order book summed up from its middle outward: how much trades up to each price. */

import type { Level } from "@cse/core"

/** Numbers are for pixels and comparison; what is printed are `price` and exact sums made when asked for. */
export interface DepthPoint {
  price: number
  /** Of this and every better price, in base. */
  base: number
  /** The same in quote. */
  quote: number
}

export interface Depth {
  bids: readonly DepthPoint[]
  asks: readonly DepthPoint[]
  /** Between best bid and best ask; the one of them that there is; null for an empty book. */
  mid: number | null
}

export function depthOf(bids: readonly Level[], asks: readonly Level[]): Depth {
  const [bid, ask] = [bids[0], asks[0]].map((level) => (level ? Number(level[0]) : null))
  const mid = bid != null && ask != null ? (bid + ask) / 2 : (bid ?? ask ?? null)
  return { bids: summed(bids), asks: summed(asks), mid }
}

function summed(levels: readonly Level[]): DepthPoint[] {
  let [base, quote] = [0, 0]
  return levels.map(([price, quantity]) => {
    base += Number(quantity)
    quote += Number(price) * Number(quantity)
    return { price: Number(price), base, quote }
  })
}

/** Where the chart ends: `share` of the middle (0.05: 5 % to each side). */
export function rangeOf(depth: Depth, share: number): { low: number; high: number; most: number } | null {
  if (depth.mid === null) return null
  const [low, high] = [depth.mid * (1 - share), depth.mid * (1 + share)]
  const within = [...depth.bids, ...depth.asks].filter(({ price }) => price >= low && price <= high)
  return { low, high, most: Math.max(0, ...within.map(({ base }) => base)) }
}

/** The level that answers for a price: the last one between the middle and there; null beyond the book or between its sides. */
export function levelAt(depth: Depth, price: number): { side: "bid" | "ask"; point: DepthPoint } | null {
  if (depth.mid === null) return null
  const below = price <= depth.mid
  const reached = (below ? depth.bids : depth.asks).filter((each) => (below ? each.price >= price : each.price <= price))
  const point = reached.at(-1)
  return point ? { side: below ? "bid" : "ask", point } : null
}
