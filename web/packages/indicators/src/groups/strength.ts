/** Strength and direction: Wilder's family, MACD's and the stochastics. */

import type { Compute, Computations } from "../definition.ts"
import { at, type Floats, floats, map2, map3, ratio, subtract, tail, withEarlier } from "../kernels/array.ts"
import { average } from "../kernels/averages.ts"
import { highest, lowest } from "../kernels/rolling.ts"
import { ema, factor, rma } from "../kernels/smoothing.ts"
import { directions, movement, runningSum } from "../kernels/true_range.ts"
import type { Series } from "../types.ts"

/** Wilder's averages of gains and losses. */
function gainsAndLosses(values: Floats, period: number): readonly [Floats, Floats] {
  const gains = withEarlier(values, 1, (now, then) => Math.max(0, now - then))
  const losses = withEarlier(values, 1, (now, then) => Math.max(0, then - now))
  return [rma(gains, period), rma(losses, period)]
}

/** Relative strength index (J. W. Wilder, 1978). */
export const rsi = (values: Floats, period: number): Floats =>
  map2(...gainsAndLosses(values, period), (up, down) => 100 * ratio(up, up + down))

/** Directional index: where the directions are alike or nothing moves, the value before. */
function dx({ high, low, close }: Series, period: number): Floats {
  const { plus, minus } = directions(high, low, close, period)
  const out = floats(plus.length)
  for (let i = 0; i < out.length; i++) {
    const sum = at(plus, i) + at(minus, i)
    const before = i === 0 ? 0 : at(out, i - 1)
    out[i] = Math.abs(sum) < 1e-14 ? before : (100 * Math.abs(at(minus, i) - at(plus, i))) / sum
  }
  return out
}

/** Average directional index: Wilder's average of DX, of which those without a direction are left out. */
function adx({ high, low, close }: Series, period: number): Floats {
  const { plus, minus } = directions(high, low, close, period)
  const out = floats(plus.length - period + 1)
  let value = 0
  for (let i = 0; i < plus.length; i++) {
    const sum = at(plus, i) + at(minus, i)
    const found = Math.abs(sum) < 1e-14 ? null : (100 * Math.abs(at(minus, i) - at(plus, i))) / sum
    if (i < period) value += (found ?? 0) / period
    else if (found !== null) value = (value * (period - 1) + found) / period
    if (i >= period - 1) out[i - period + 1] = value
  }
  return out
}

const macd = (line: Floats, signal: Floats): readonly Floats[] => [
  tail(line, signal.length),
  signal,
  subtract(line, signal),
]

/** MACD (G. Appel): the quicker average begins where the slower one does. */
function macdOf(values: Floats, fast: number, slow: number, weights: readonly [number, number]): Floats {
  const slower = ema(values, slow, weights[1])
  const quicker = ema(tail(values, slower.length + fast - 1), fast, weights[0])
  return subtract(quicker, slower)
}

const macdCompute: Compute = ({ close }, p) => {
  const [fast, slow] = [p.n("fast_period"), p.n("slow_period")].sort((a, b) => a - b) as [number, number]
  const line = macdOf(close, fast, slow, [factor(fast), factor(slow)])
  return macd(line, ema(line, p.n("signal_period")))
}

interface Side {
  readonly period: number
  readonly type: string
}

/** Return both averages begun so that their first values belong to the same candle: averages that fade tell the difference. */
function fromOneCandle(values: Floats, a: Side, b: Side): [Floats, Floats] {
  const [first, second] = [average(a.type, values, a.period), average(b.type, values, b.period)]
  const length = Math.min(first.length, second.length)
  const again = (side: Side, found: Floats) =>
    found.length === length ? found : average(side.type, values.subarray(found.length - length), side.period)
  return [again(a, first), again(b, second)]
}

const macdExtended: Compute = ({ close }, p) => {
  const sides: Side[] = [
    { period: p.n("fast_period"), type: p.t("fast_ma_type") },
    { period: p.n("slow_period"), type: p.t("slow_ma_type") },
  ].sort((a, b) => a.period - b.period)
  const [fast, slow] = sides as [Side, Side]
  const line = subtract(...fromOneCandle(close, fast, slow))
  return macd(line, average(p.t("signal_ma_type"), line, p.n("signal_period")))
}

/** Where the close is between the lowest low and the highest high, in percent (G. Lane). */
const rawStochastic = (high: Floats, low: Floats, close: Floats, period: number): Floats =>
  map3(highest(high, period), lowest(low, period), close, (h, l, c) => (h === l ? 0 : (c - l) / ((h - l) / 100)))

const fast = (high: Floats, low: Floats, close: Floats, p: Parameters<Compute>[1]): readonly Floats[] => {
  const k = rawStochastic(high, low, close, p.n("fastk_period"))
  const d = average(p.t("fastd_ma_type"), k, p.n("fastd_period"))
  return [tail(k, d.length), d]
}

const slowStochastic = ({ high, low, close }: Series, p: Parameters<Compute>[1]): readonly [Floats, Floats] => {
  const raw = rawStochastic(high, low, close, p.n("fastk_period"))
  const k = average(p.t("slowk_ma_type"), raw, p.n("slowk_period"))
  const d = average(p.t("slowd_ma_type"), k, p.n("slowd_period"))
  return [tail(k, d.length), d]
}

const moved =
  (side: "plus" | "minus"): Compute =>
  ({ high, low }, p) => [runningSum(movement(high, low, side), p.n("period"))]

export const strength: Computations = {
  adx: (series, p) => [adx(series, p.n("period"))],
  adxr: (series, p) => [withEarlier(adx(series, p.n("period")), p.n("period") - 1, (now, then) => (now + then) / 2)],
  cmo: ({ close }, p) => [
    map2(...gainsAndLosses(close, p.n("period")), (up, down) => 100 * ratio(up - down, up + down)),
  ],
  dx: (series, p) => [dx(series, p.n("period"))],
  kdj: (series, p) => {
    const [k, d] = slowStochastic(series, p)
    return [k, d, map2(k, d, (x, y) => 3 * x - 2 * y)]
  },
  macd: macdCompute,
  macdext: macdExtended,
  macdfix: ({ close }, p) => {
    const line = macdOf(close, 12, 26, [0.15, 0.075])
    return macd(line, ema(line, p.n("signal_period")))
  },
  minus_di: ({ high, low, close }, p) => [directions(high, low, close, p.n("period")).minus],
  minus_dm: moved("minus"),
  plus_di: ({ high, low, close }, p) => [directions(high, low, close, p.n("period")).plus],
  plus_dm: moved("plus"),
  rsi: ({ close }, p) => [rsi(close, p.n("period"))],
  stoch: slowStochastic,
  stochf: ({ high, low, close }, p) => fast(high, low, close, p),
  stochrsi: ({ close }, p) => {
    const values = rsi(close, p.n("period"))
    return fast(values, values, values, p)
  },
}

