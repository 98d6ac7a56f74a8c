/** Sums, extremes and regressions over the last `period` candles, in time linear in the candles. */

import { at, type Floats, floats, map, withEarlier } from "./array.ts"

/**
 * Return the sum of each `period` values; shorter by period - 1.
 *
 * Values are cut into blocks of `period`: a window is the end of one block and the beginning of the next, and both are
 * known from one walk in each direction. Nothing is ever taken away from a sum, so no rounding stays behind: the sum of
 * zeros is zero.
 */
export function sums(values: Floats, period: number): Floats {
  const out = floats(values.length - period + 1)
  const ends = floats(values.length)
  for (let i = values.length - 1; i >= 0; i--) {
    const last = i % period === period - 1 || i === values.length - 1
    ends[i] = at(values, i) + (last ? 0 : at(ends, i + 1))
  }
  let beginning = 0
  for (let i = 0; i < values.length; i++) {
    beginning = at(values, i) + (i % period === 0 ? 0 : beginning)
    const first = i - period + 1
    if (first >= 0) out[first] = first % period === 0 ? beginning : at(ends, first) + beginning
  }
  return out
}

/** Simple moving average; shorter by period - 1. */
export const sma = (values: Floats, period: number): Floats => map(sums(values, period), (sum) => sum / period)

/**
 * Return, for each window of `period` values, where its extreme stands in `values`: of equal ones the latest.
 * `sign` is 1 for the highest, -1 for the lowest. A queue of candidates, each entered and left once.
 */
export function extremes(values: Floats, period: number, sign: 1 | -1): Int32Array {
  const out = new Int32Array(Math.max(0, values.length - period + 1))
  const queue = new Int32Array(values.length)
  let [head, end] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i) * sign
    while (end > head && at(values, queue[end - 1] as number) * sign <= value) end--
    queue[end++] = i
    if ((queue[head] as number) <= i - period) head++
    if (i >= period - 1) out[i - period + 1] = queue[head] as number
  }
  return out
}

function picked(values: Floats, where: Int32Array): Floats {
  const out = floats(where.length)
  for (let i = 0; i < out.length; i++) out[i] = at(values, where[i] as number)
  return out
}

/** Return the highest of each `period` values; shorter by period - 1. */
export const highest = (values: Floats, period: number): Floats => picked(values, extremes(values, period, 1))

/** Return the lowest of each `period` values; shorter by period - 1. */
export const lowest = (values: Floats, period: number): Floats => picked(values, extremes(values, period, -1))

/**
 * Tell, for each window of `period` pairs, the sums of squares and products of their distances from the means:
 * `f(aa, bb, ab)`; shorter by period - 1. Each window is walked through twice: running sums of squares lose all digits
 * of a price that is large against its moves.
 */
export function moments(
  a: Floats,
  b: Floats,
  period: number,
  f: (aa: number, bb: number, ab: number) => number,
): Floats {
  const out = floats(a.length - period + 1)
  for (let i = 0; i < out.length; i++) {
    let [meanA, meanB, aa, bb, ab] = [0, 0, 0, 0, 0]
    for (let k = i; k < i + period; k++) {
      meanA += at(a, k)
      meanB += at(b, k)
    }
    meanA /= period
    meanB /= period
    for (let k = i; k < i + period; k++) {
      const [x, y] = [at(a, k) - meanA, at(b, k) - meanB]
      aa += x * x
      bb += y * y
      ab += x * y
    }
    out[i] = f(aa, bb, ab)
  }
  return out
}

/** Variance of a population; shorter by period - 1. */
export const variance = (values: Floats, period: number): Floats =>
  moments(values, values, period, (squares) => squares / period)

/** Standard deviation of a population; what rounding leaves under TA-Lib's zero is 0. */
export const deviation = (values: Floats, period: number): Floats =>
  map(variance(values, period), (value) => (value < 1e-14 ? 0 : Math.sqrt(value)))

/** Mean distance from the window's mean, told as `f(newest, mean, distance)`; shorter by period - 1. */
export function meanDeviation(
  values: Floats,
  period: number,
  f: (newest: number, mean: number, distance: number) => number,
): Floats {
  const out = floats(values.length - period + 1)
  for (let i = 0; i < out.length; i++) {
    let mean = 0
    for (let k = i; k < i + period; k++) mean += at(values, k)
    mean /= period
    let total = 0
    for (let k = i; k < i + period; k++) total += Math.abs(at(values, k) - mean)
    out[i] = f(at(values, i + period - 1), mean, total / period)
  }
  return out
}

/**
 * Fit a line to each `period` values by least squares, x running from 0 (oldest) to period - 1, and tell
 * `f(intercept, slope)`; shorter by period - 1.
 */
export function regression(
  values: Floats,
  period: number,
  f: (intercept: number, slope: number) => number,
): Floats {
  const out = floats(values.length - period + 1)
  const sumX = (period * (period - 1)) / 2
  const sumXX = (period * (period - 1) * (2 * period - 1)) / 6
  const divisor = period * sumXX - sumX * sumX
  for (let i = 0; i < out.length; i++) {
    let [sumY, sumXY] = [0, 0]
    for (let k = 0; k < period; k++) {
      const y = at(values, i + k)
      sumY += y
      sumXY += k * y
    }
    const slope = (period * sumXY - sumX * sumY) / divisor
    out[i] = f((sumY - slope * sumX) / period, slope)
  }
  return out
}

/** Return the sum of each `period` distances from one value to the next; shorter by period. */
export const path = (values: Floats, period: number): Floats =>
  sums(
    withEarlier(values, 1, (now, then) => Math.abs(now - then)),
    period,
  )
