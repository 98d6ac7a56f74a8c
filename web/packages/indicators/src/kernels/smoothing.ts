/** Averages that remember: exponential ones, Wilder's, and those made of them. */

import { at, type Floats, floats, map2, scale, subtract, tail, withEarlier } from "./array.ts"
import { sma, sums } from "./rolling.ts"

/** Return the smoothing factor of an exponential average of a period: 2 / (period + 1). */
export const factor = (period: number): number => 2 / (period + 1)

/** Exponential moving average, seeded with the mean of the first `period` values; shorter by period - 1. */
export function ema(values: Floats, period: number, weight = factor(period)): Floats {
  const out = floats(values.length - period + 1)
  if (out.length === 0) return out
  let last = at(sums(values.subarray(0, period), period), 0) / period
  out[0] = last
  for (let i = 1; i < out.length; i++) {
    last += (at(values, i + period - 1) - last) * weight
    out[i] = last
  }
  return out
}

/** Wilder's moving average (J. W. Wilder, "New Concepts in Technical Trading Systems", 1978), seeded as `ema`. */
export function rma(values: Floats, period: number): Floats {
  const out = floats(values.length - period + 1)
  if (out.length === 0) return out
  let last = at(sums(values.subarray(0, period), period), 0) / period
  out[0] = last
  for (let i = 1; i < out.length; i++) {
    last = (last * (period - 1) + at(values, i + period - 1)) / period
    out[i] = last
  }
  return out
}

/** Weighted moving average: the newest value weighs `period`, the oldest 1; shorter by period - 1. */
export function wma(values: Floats, period: number): Floats {
  const out = floats(values.length - period + 1)
  let [weighted, total] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const first = i - period + 1
    const value = at(values, i)
    weighted += value * Math.min(i + 1, period)
    total += value
    if (first < 0) continue
    out[first] = weighted / ((period * (period + 1)) / 2)
    weighted -= total
    total -= at(values, first)
  }
  return out
}

/** Double exponential average (P. Mulloy, Stocks & Commodities, 1994): 2 EMA - EMA of EMA. */
export function dema(values: Floats, period: number): Floats {
  const once = ema(values, period)
  return map2(once, ema(once, period), (a, b) => 2 * a - b)
}

/** Triple exponential average (P. Mulloy, 1994): 3 EMA - 3 EMA of EMA + EMA of EMA of EMA. */
export function tema(values: Floats, period: number): Floats {
  const once = ema(values, period)
  const twice = ema(once, period)
  const thrice = ema(twice, period)
  return map2(
    map2(once, twice, (a, b) => 3 * a - 3 * b),
    thrice,
    (a, b) => a + b,
  )
}

/** Triangular average: an average of averages, so that the middle of the window weighs most. */
export function trima(values: Floats, period: number): Floats {
  const half = Math.floor(period / 2)
  return period % 2 === 1 ? sma(sma(values, half + 1), half + 1) : sma(sma(values, half), half + 1)
}

/** T3 (T. Tillson, Stocks & Commodities, 1998): the generalised double average, three times; `v` is its volume factor. */
export function t3(values: Floats, period: number, v: number): Floats {
  const chain = [ema(values, period)]
  for (let k = 0; k < 5; k++) chain.push(ema(chain[k] as Floats, period))
  const [e3, e4, e5, e6] = chain.slice(2) as [Floats, Floats, Floats, Floats]
  const c1 = -v * v * v
  const c2 = 3 * (v * v - c1)
  const c3 = -6 * v * v - 3 * (v - c1)
  const c4 = 1 + 3 * v - c1 + 3 * v * v
  const out = floats(e6.length)
  const [x3, x4, x5] = [tail(e3, out.length), tail(e4, out.length), tail(e5, out.length)]
  for (let i = 0; i < out.length; i++) {
    out[i] = c1 * at(e6, i) + c2 * at(x5, i) + c3 * at(x4, i) + c4 * at(x3, i)
  }
  return out
}

const KAMA_SLOW = factor(30)
const KAMA_FAST = factor(2)

/**
 * Kaufman's adaptive average (P. Kaufman, "Smarter Trading", 1995): fast where the price goes straight, slow where it
 * goes to and fro. Shorter by `period`.
 */
export function kama(values: Floats, period: number): Floats {
  const out = floats(values.length - period)
  if (out.length === 0) return out
  const ways = sums(
    withEarlier(values, 1, (now, then) => Math.abs(now - then)),
    period,
  )
  let last = at(values, period - 1)
  for (let i = 0; i < out.length; i++) {
    const [way, distance] = [at(ways, i), at(values, i + period) - at(values, i)]
    const efficiency = way <= distance || Math.abs(way) < 1e-14 ? 1 : Math.abs(distance / way)
    const weight = (efficiency * (KAMA_FAST - KAMA_SLOW) + KAMA_SLOW) ** 2
    last += (at(values, i + period) - last) * weight
    out[i] = last
  }
  return out
}

/** Hull's average (A. Hull, 2005): WMA of (2 WMA of half the period - WMA), over the root of the period. */
export function hma(values: Floats, period: number): Floats {
  const half = wma(values, Math.max(1, Math.floor(period / 2)))
  const lifted = subtract(scale(half, 2), wma(values, period))
  return wma(lifted, Math.max(1, Math.floor(Math.sqrt(period))))
}

/** Zero-lag EMA (J. Ehlers and R. Way, 2010): the EMA of the price plus what it changed over half the period. */
export function zlema(values: Floats, period: number): Floats {
  const lag = Math.floor((period - 1) / 2)
  return ema(
    withEarlier(values, lag, (now, then) => 2 * now - then),
    period,
  )
}
