/**
 * The Hilbert transform of prices and what it tells of their cycle (J. Ehlers, "Rocket Science for Traders", 2001; "MESA
 * and Trading Market Cycles", 2002), with TA-Lib's warm-up.
 */

import { at, type Floats, floats } from "./array.ts"

/** What is known of every candle, as arrays as long as the prices; zero before `begin`. */
export interface Cycle {
  /** The price, averaged over four candles. */
  readonly smooth: Floats
  readonly inPhase: Floats
  readonly quadrature: Floats
  /** Candles of the dominant cycle, 6 to 50, and the same smoothed again. */
  readonly period: Floats
  readonly smoothPeriod: Floats
}

const DEGREES = 180 / Math.PI
const past = (values: Floats, index: number): number => (index < 0 ? 0 : at(values, index))

/** Ehlers' filter of seven taps, in TA-Lib's order of additions. */
const filtered = (values: Floats, i: number, gain: number): number =>
  (-0.0962 * past(values, i - 6) +
    0.0962 * at(values, i) -
    0.5769 * past(values, i - 4) +
    0.5769 * past(values, i - 2)) *
  gain

/** Return the next period: the phase turned since the last candle, held to 2/3 to 3/2 of the last and to 6 to 50. */
function nextPeriod(last: number, real: number, imaginary: number): number {
  let period = last
  if (imaginary !== 0 && real !== 0) period = 360 / (Math.atan(imaginary / real) * DEGREES)
  period = Math.max(Math.min(period, 1.5 * last), 0.67 * last)
  return 0.2 * Math.max(6, Math.min(50, period)) + 0.8 * last
}

/**
 * Average four candles, the newest weighing 4, in TA-Lib's order of additions: where prices stand still the phase is an
 * angle between what rounding leaves, and another order turns it. Zero for the first three candles.
 */
function smoothed(prices: Floats): Floats {
  const out = floats(prices.length)
  let [total, weighted] = [0, 0]
  for (let i = 0; i < prices.length; i++) {
    const price = at(prices, i)
    total = i < 3 ? total + price : total + price - past(prices, i - 4)
    weighted += price * Math.min(i + 1, 4)
    if (i < 3) continue
    out[i] = weighted * 0.1
    weighted -= total
  }
  return out
}

/** Run the transform from candle `begin` on. */
export function cycle(prices: Floats, begin: number): Cycle {
  const n = prices.length
  const make = () => floats(n)
  const smooth = smoothed(prices).fill(0, 0, begin)
  const [detrended, inPhase, quadrature] = [make(), make(), make()]
  const [leadI, leadQ, period, smoothPeriod] = [make(), make(), make(), make()]
  let [i2, q2, real, imaginary, lastPeriod, lastSmooth] = [0, 0, 0, 0, 0, 0]
  for (let i = begin; i < n; i++) {
    const gain = 0.075 * lastPeriod + 0.54
    detrended[i] = filtered(smooth, i, gain)
    quadrature[i] = filtered(detrended, i, gain)
    inPhase[i] = past(detrended, i - 3)
    leadI[i] = filtered(inPhase, i, gain)
    leadQ[i] = filtered(quadrature, i, gain)
    const q = 0.2 * (at(quadrature, i) + at(leadI, i)) + 0.8 * q2
    const p = 0.2 * (at(inPhase, i) - at(leadQ, i)) + 0.8 * i2
    real = 0.2 * (p * i2 + q * q2) + 0.8 * real
    imaginary = 0.2 * (p * q2 - q * i2) + 0.8 * imaginary
    ;[i2, q2] = [p, q]
    lastPeriod = nextPeriod(lastPeriod, real, imaginary)
    lastSmooth = 0.33 * lastPeriod + 0.67 * lastSmooth
    period[i] = lastPeriod
    smoothPeriod[i] = lastSmooth
  }
  return { smooth, inPhase, quadrature, period, smoothPeriod }
}

/** Candles before the transform runs: short for what needs the period only, long for what needs the phase. */
export const SHORT = { begin: 12, lookback: 32 } as const
export const LONG = { begin: 37, lookback: 63 } as const

/** MESA adaptive average and the following one (J. Ehlers, 2001): the faster the phase turns, the slower. */
export function mama(values: Floats, fastLimit: number, slowLimit: number): { mama: Floats; fama: Floats } {
  const { inPhase, quadrature } = cycle(values, SHORT.begin)
  const out = { mama: floats(values.length - SHORT.lookback), fama: floats(values.length - SHORT.lookback) }
  let [lastPhase, fast, slow] = [0, 0, 0]
  for (let i = SHORT.begin; i < values.length; i++) {
    const real = at(inPhase, i)
    const phase = real === 0 ? 0 : Math.atan(at(quadrature, i) / real) * DEGREES
    const turned = Math.max(1, lastPhase - phase)
    lastPhase = phase
    const weight = turned > 1 ? Math.max(slowLimit, fastLimit / turned) : fastLimit
    fast = weight * at(values, i) + (1 - weight) * fast
    slow = 0.5 * weight * fast + (1 - 0.5 * weight) * slow
    if (i < SHORT.lookback) continue
    out.mama[i - SHORT.lookback] = fast
    out.fama[i - SHORT.lookback] = slow
  }
  return out
}

const TURNS = new Map<number, { readonly sine: Floats; readonly cosine: Floats }>()

/** Return sine and cosine of a whole turn in so many steps (at most 51): computed once. */
function turns(length: number): { readonly sine: Floats; readonly cosine: Floats } {
  const known = TURNS.get(length)
  if (known !== undefined) return known
  const angles = Float64Array.from({ length }, (_, k) => (k * 2 * Math.PI) / length)
  const made = { sine: angles.map(Math.sin), cosine: angles.map(Math.cos) }
  TURNS.set(length, made)
  return made
}

/** Return the phase of the dominant cycle at candle `i`, in degrees (-45 to 315). */
function phaseAt({ smooth, smoothPeriod }: Cycle, i: number, last: number): number {
  const length = Math.floor(at(smoothPeriod, i) + 0.5)
  let [real, imaginary] = [0, 0]
  const { sine, cosine } = turns(length)
  for (let k = 0; k < length; k++) {
    const price = past(smooth, i - k)
    real += at(sine, k) * price
    imaginary += at(cosine, k) * price
  }
  let phase = last
  if (Math.abs(imaginary) > 0) phase = Math.atan(real / imaginary) * DEGREES
  else if (real < 0) phase -= 90
  else if (real > 0) phase += 90
  phase += 90 + 360 / at(smoothPeriod, i)
  if (imaginary < 0) phase += 180
  return phase > 315 ? phase - 360 : phase
}

/** Return the phase of every candle from `LONG.begin` on, zero before. */
export function phases(found: Cycle): Floats {
  const out = floats(found.smooth.length)
  let last = 0
  for (let i = LONG.begin; i < out.length; i++) {
    last = phaseAt(found, i, last)
    out[i] = last
  }
  return out
}

/** Return the trend line of every candle from `LONG.begin` on: the mean over one cycle, smoothed; zero before. */
export function trendline(prices: Floats, { smoothPeriod }: Cycle): Floats {
  const means = floats(prices.length)
  const out = floats(prices.length)
  for (let i = LONG.begin; i < prices.length; i++) {
    const length = Math.floor(at(smoothPeriod, i) + 0.5)
    let total = 0
    for (let k = 0; k < length; k++) total += past(prices, i - k)
    means[i] = length > 0 ? total / length : 0
    out[i] = (4 * at(means, i) + 3 * at(means, i - 1) + 2 * at(means, i - 2) + at(means, i - 3)) / 10
  }
  return out
}
