/** Sums and shares of decimals, in whole units; nothing is rounded but shares, which are for reading. */

import { add, compare, scaleOf, units } from "@cse/core"

/** Adds decimals; without any it is "0". */
export function sumOf(decimals: readonly string[]): string {
  return decimals.reduce((sum, each) => add(sum, each), "0")
}

/** How much `part` is of `whole`, in parts per million, toward zero; null where the whole is nothing or less. */
export function sharePpm(part: string, whole: string): number | null {
  const scale = Math.max(scaleOf(part), scaleOf(whole))
  const all = units(whole, scale)
  return all <= 0n ? null : Number((units(part, scale) * 1_000_000n) / all)
}

/** A decimal without its sign. */
export function sizeOf(decimal: string): string {
  return decimal.startsWith("-") ? decimal.slice(1) : decimal
}

export function isZero(decimal: string): boolean {
  return units(decimal, scaleOf(decimal)) === 0n
}

/** The `count` things with the largest amounts, whatever their sign, in the order in which they were; and the others. */
export function firstBySize<T>(things: readonly T[], amountOf: (thing: T) => string, count: number): readonly [readonly T[], readonly T[]] {
  const largest = new Set(things.toSorted((a, b) => compare(sizeOf(amountOf(b)), sizeOf(amountOf(a)))).slice(0, count))
  return [things.filter((each) => largest.has(each)), things.filter((each) => !largest.has(each))]
}
