/** Ranges and directional movement (J. W. Wilder, "New Concepts in Technical Trading Systems", 1978). */

import { at, type Floats, floats, map3, ratio } from "./array.ts"
import { rma } from "./smoothing.ts"

/** What a candle covers, with the gap to the close before it; shorter by 1. */
export const trueRange = (high: Floats, low: Floats, close: Floats): Floats =>
  map3(high.subarray(1), low.subarray(1), close.subarray(0, -1), (h, l, c) =>
    Math.max(h - l, Math.abs(c - h), Math.abs(c - l)),
  )

/** Average true range; shorter by `period`. */
export const atr = (high: Floats, low: Floats, close: Floats, period: number): Floats =>
  rma(trueRange(high, low, close), period)

/** Directional movement up or down, not smoothed; shorter by 1. */
export function movement(high: Floats, low: Floats, side: "plus" | "minus"): Floats {
  const out = floats(high.length - 1)
  for (let i = 0; i < out.length; i++) {
    const up = at(high, i + 1) - at(high, i)
    const down = at(low, i) - at(low, i + 1)
    if (side === "plus") out[i] = up > 0 && up > down ? up : 0
    else out[i] = down > 0 && down > up ? down : 0
  }
  return out
}

/**
 * Wilder's running sum: the first `period - 1` values added, then each new one added after 1/period of the sum is
 * taken away. Shorter by period - 2: the first entry is the plain sum.
 */
export function runningSum(values: Floats, period: number): Floats {
  if (period === 1) return values.slice()
  const out = floats(values.length - period + 2)
  if (out.length === 0) return out
  let total = 0
  for (let i = 0; i < period - 1; i++) total += at(values, i)
  out[0] = total
  for (let i = 1; i < out.length; i++) {
    total = total - total / period + at(values, i + period - 2)
    out[i] = total
  }
  return out
}

/** Directional indicators as shares of the true range, -/+ in percent; each shorter by `period`. */
export function directions(
  high: Floats,
  low: Floats,
  close: Floats,
  period: number,
): { plus: Floats; minus: Floats; range: Floats } {
  const smoothed = (values: Floats) => runningSum(values, period).subarray(period === 1 ? 0 : 1)
  const range = smoothed(trueRange(high, low, close))
  const share = (side: "plus" | "minus") => {
    const moved = smoothed(movement(high, low, side))
    const out = floats(moved.length)
    const factor = period === 1 ? 1 : 100
    for (let i = 0; i < out.length; i++) out[i] = factor * ratio(at(moved, i), at(range, i))
    return out
  }
  return { plus: share("plus"), minus: share("minus"), range }
}
