/** One side of an order book as a ladder shows it: sums from the best price on, widths of bars, average prices. */

import { type Level, scaleOf, text, units } from "@cse/core"

export interface Rung {
  price: string
  quantity: string
  /** What this level is worth, in the quote asset, exact. */
  value: string
  /** Sum of the quantities from the best price up to here. */
  sum: string
  /** What all of that costs, in the quote asset, exact. */
  cost: string
  /** What one costs on average up to here, at the price's decimals; half a unit rounds up. */
  average: string
  /** Width of this level's bar, and of the sum's, 0 to 1: for pixels. */
  part: number
  sumPart: number
}

/** Makes rungs of levels, best first; `outOf` is the largest sum that is drawn (that of the deeper side). */
export function rungs(levels: readonly Level[], outOf: bigint): Rung[] {
  const [priceScale, scale] = scalesOf(levels)
  const largest = levels.reduce((most, [, quantity]) => max(most, units(quantity, scale)), 1n)
  let [sum, cost] = [0n, 0n]
  return levels.map(([price, quantity]) => {
    const size = units(quantity, scale)
    sum += size
    cost += units(price, priceScale) * size
    return {
      price,
      quantity,
      value: text(units(price, priceScale) * size, priceScale + scale),
      sum: text(sum, scale),
      cost: text(cost, priceScale + scale),
      average: text(sum === 0n ? 0n : (2n * cost + sum) / (2n * sum), priceScale),
      part: share(size, largest),
      sumPart: share(sum, outOf),
    }
  })
}

/** The sum of all quantities, in units of their decimals. */
export function depth(levels: readonly Level[]): bigint {
  const [, scale] = scalesOf(levels)
  return levels.reduce((sum, [, quantity]) => sum + units(quantity, scale), 0n)
}

export interface Spread {
  /** Best ask minus best bid. */
  spread: string
  /** Of the middle price, parts per million. */
  ppm: number
  /** Halfway between; one decimal more than prices where it falls between two units. */
  mid: string
}

/** The distance between the two sides; null when one of them is empty. */
export function spreadOf(bid: string | null | undefined, ask: string | null | undefined): Spread | null {
  if (!bid || !ask) return null
  const scale = Math.max(scaleOf(bid), scaleOf(ask))
  const [low, high] = [units(bid, scale), units(ask, scale)]
  const twice = low + high
  const mid = twice % 2n === 0n ? text(twice / 2n, scale) : text(twice * 5n, scale + 1)
  return { spread: text(high - low, scale), ppm: Number(((high - low) * 2_000_000n) / twice), mid }
}

function scalesOf(levels: readonly Level[]): [price: number, quantity: number] {
  const first = levels[0]
  return first ? [scaleOf(first[0]), scaleOf(first[1])] : [0, 0]
}

/** A share of something for pixels, to a thousandth. */
function share(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000n) / whole) / 1_000
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
