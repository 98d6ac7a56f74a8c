/** Fees and bands are parts per million in the API; people read percent. Both exact. */

import { text, trimmed, unitsOrNull } from "@cse/core"

/** Prints parts per million as percent: percent(1_500) is "0.15 %". */
export function percent(ppm: number): string {
  return `${trimmed(text(BigInt(ppm), 4))} %`
}

/** Reads percent as parts per million: ppmOf("0.15") is 1500; null for what is none, or finer than a millionth. */
export function ppmOf(typed: string): number | null {
  const value = unitsOrNull(typed.trim(), 4)
  return value === null || value < 0n || value > 1_000_000n ? null : Number(value)
}
