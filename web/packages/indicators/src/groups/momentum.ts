/** How fast and how far the price moves. */

import type { Chosen, Compute, Computations } from "../definition.ts"
import { add, type Floats, map, map2, map3, map4, ratio, subtract, tail, withEarlier } from "../kernels/array.ts"
import { average } from "../kernels/averages.ts"
import { extremes, highest, lowest, meanDeviation, path, regression, sma, sums } from "../kernels/rolling.ts"
import { ema, wma } from "../kernels/smoothing.ts"
import { trueRange } from "../kernels/true_range.ts"
import type { Series } from "../types.ts"

const typical = ({ high, low, close }: Series): Floats => map3(high, low, close, (h, l, c) => (h + l + c) / 3)
const median = ({ high, low }: Series): Floats => map2(high, low, (h, l) => (h + l) / 2)

/** Two averages' difference, the quicker less the slower, whichever is given first. */
export function oscillator(values: Floats, p: Chosen, f: (fast: number, slow: number) => number): Floats {
  const [fast, slow] = [p.n("fast_period"), p.n("slow_period")].sort((a, b) => a - b) as [number, number]
  return map2(average(p.t("ma_type"), values, fast), average(p.t("ma_type"), values, slow), f)
}

const share = (part: number, whole: number): number => 100 * ratio(part - whole, whole)

const awesome = (series: Series, fast: number, slow: number): Floats =>
  subtract(sma(median(series), fast), sma(median(series), slow))

/** Chande's oscillator from sums of gains and losses. */
const chande: Compute = ({ close }, p) => {
  const gains = withEarlier(close, 1, (now, then) => Math.max(0, now - then))
  const losses = withEarlier(close, 1, (now, then) => Math.max(0, then - now))
  return [
    map2(sums(gains, p.n("period")), sums(losses, p.n("period")), (up, down) => 100 * ratio(up - down, up + down)),
  ]
}

const aroon = ({ high, low }: Series, period: number): readonly [Floats, Floats] => {
  const age = (where: Int32Array) =>
    Float64Array.from(where, (index, i) => (100 / period) * (period - (i + period - index)))
  return [age(extremes(low, period + 1, -1)), age(extremes(high, period + 1, 1))]
}

/** Commodity channel index (D. Lambert, 1980). */
const channel: Compute = (series, p) => [
  meanDeviation(typical(series), p.n("period"), (price, mean, distance) =>
    price === mean || distance === 0 ? 0 : (price - mean) / (0.015 * distance),
  ),
]

/** Money flow index (G. Quong and A. Soudack): the RSI of typical price times volume. */
const moneyFlow: Compute = (series, p) => {
  const prices = typical(series)
  const change = withEarlier(prices, 1, (now, then) => now - then)
  const flow = (sign: 1 | -1) =>
    map3(change, prices, series.volume, (moved, price, volume) => (moved * sign > 0 ? price * volume : 0))
  const [up, down] = [sums(flow(1), p.n("period")), sums(flow(-1), p.n("period"))]
  return [map2(up, down, (a, b) => (a + b < 1 ? 0 : (100 * a) / (a + b)))]
}

/** Ultimate oscillator (L. Williams, 1976): buying pressure over three periods, the shortest weighs 4, then 2, then 1. */
const ultimate: Compute = ({ high, low, close }, p) => {
  const range = trueRange(high, low, close)
  const pressure = map3(close.subarray(1), low.subarray(1), close.subarray(0, -1), (c, l, before) => c - Math.min(l, before))
  const periods = [p.n("period_1"), p.n("period_2"), p.n("period_3")].sort((a, b) => a - b)
  const [short, medium, long] = periods.map((period) =>
    map2(sums(pressure, period), sums(range, period), (bought, whole) => ratio(bought, whole)),
  ) as [Floats, Floats, Floats]
  return [map3(short, medium, long, (a, b, c) => (100 * (4 * a + 2 * b + c)) / 7)]
}

/** Coppock curve (E. Coppock, 1962): the weighted average of two rates of change. */
const coppock: Compute = ({ close }, p) => {
  const rate = (period: number) => withEarlier(close, period, (now, then) => 100 * (ratio(now, then, 1) - 1))
  return [wma(add(rate(p.n("roc_1_period")), rate(p.n("roc_2_period"))), p.n("wma_period"))]
}

/** Vertical horizontal filter (A. White, 1991): how far of the way gone. */
const vertical: Compute = ({ close }, p) => {
  const period = p.n("period")
  const across = subtract(highest(close, period), lowest(close, period))
  return [map2(across, path(close, period), (reach, way) => ratio(reach, way))]
}

/** Vortex (E. Botes and D. Siepman, 2010). */
const vortex: Compute = ({ high, low, close }, p) => {
  const period = p.n("period")
  const range = sums(trueRange(high, low, close), period)
  const moved = (a: Floats, b: Floats) =>
    sums(
      map2(a.subarray(1), b.subarray(0, -1), (x, y) => Math.abs(x - y)),
      period,
    )
  return [map2(moved(high, low), range, (m, r) => ratio(m, r)), map2(moved(low, high), range, (m, r) => ratio(m, r))]
}

/** Williams' accumulation/distribution: how far closes are from the true low or high, summed. */
const accumulation: Compute = ({ high, low, close }) => {
  const out = new Float64Array(close.length)
  for (let i = 1; i < out.length; i++) {
    const [c, before] = [close[i] as number, close[i - 1] as number]
    let moved = 0
    if (c > before) moved = c - Math.min(low[i] as number, before)
    else if (c < before) moved = c - Math.max(high[i] as number, before)
    out[i] = (out[i - 1] as number) + moved
  }
  return [out]
}

/** Williams' fractals: a candle that stands out over its neighbours; told at the last of them, so it repaints nothing. */
const fractal: Compute = ({ high, low }, p) => {
  const [left, right] = [p.n("left_bars"), p.n("right_bars")]
  const stands = (values: Floats, sign: 1 | -1) => {
    const out = new Float64Array(Math.max(0, values.length - left - right))
    for (let i = 0; i < out.length; i++) {
      const middle = (values[i + left] as number) * sign
      let found = true
      for (let k = i; found && k <= i + left + right; k++) {
        found = k === i + left || (values[k] as number) * sign < middle
      }
      out[i] = found ? 100 : 0
    }
    return out
  }
  return [stands(high, 1), stands(low, -1)]
}

/** Stochastic momentum index (W. Blau, 1993): where the close is in the range, smoothed twice. */
const stochasticMomentum: Compute = ({ high, low, close }, p) => {
  const [top, bottom] = [highest(high, p.n("period")), lowest(low, p.n("period"))]
  const twice = (values: Floats) => ema(ema(values, p.n("slow_period")), p.n("fast_period"))
  const off = twice(map3(close, top, bottom, (c, h, l) => c - (h + l) / 2))
  const range = twice(subtract(top, bottom))
  const value = map2(off, range, (a, b) => ratio(200 * a, b))
  const signal = ema(value, p.n("signal_period"))
  return [tail(value, signal.length), signal]
}

const rate =
  (f: (now: number, then: number) => number): Compute =>
  ({ close }, p) => [withEarlier(close, p.n("period"), (now, then) => (then === 0 ? 0 : f(now, then)))]

const fromAverages: Computations = {
  ac: (series, p) => {
    const value = awesome(series, p.n("fast_period"), p.n("slow_period"))
    return [subtract(value, sma(value, p.n("signal_period")))]
  },
  ao: (series, p) => [awesome(series, p.n("fast_period"), p.n("slow_period"))],
  apo: ({ close }, p) => [oscillator(close, p, (fast, slow) => fast - slow)],
  aroon: (series, p) => aroon(series, p.n("period")),
  aroonosc: (series, p) => {
    const [down, up] = aroon(series, p.n("period"))
    return [subtract(up, down)]
  },
  bop: ({ open, high, low, close }) => [
    map4(open, high, low, close, (o, h, l, c) => (h - l < 1e-14 ? 0 : (c - o) / (h - l))),
  ],
  cci: channel,
  cmou: chande,
  coppock,
  dpo: ({ close }, p) => {
    const [mean, back] = [sma(close, p.n("period")), Math.floor(p.n("period") / 2) + 1]
    return [map2(close.subarray(0, close.length - back), mean.subarray(0), (price, m) => price - m)]
  },
  er: ({ close }, p) => [
    map2(
      withEarlier(close, p.n("period"), (now, then) => Math.abs(now - then)),
      path(close, p.n("period")),
      (reach, way) => ratio(reach, way, 1),
    ),
  ],
  eri: ({ high, low, close }, p) => {
    const mean = ema(close, p.n("period"))
    return [subtract(high, mean), subtract(low, mean)]
  },
  fosc: ({ close }, p) => {
    const forecast = regression(close, p.n("period"), (base, slope) => base + slope * p.n("period"))
    return [map2(close, forecast.subarray(0, -1), (price, told) => (100 * (price - told)) / price)]
  },
}

const fromChanges: Computations = {
  fractal,
  imi: ({ open, close }, p) => {
    const gains = sums(
      map2(open, close, (o, c) => Math.max(0, c - o)),
      p.n("period"),
    )
    const losses = sums(
      map2(open, close, (o, c) => Math.max(0, o - c)),
      p.n("period"),
    )
    return [map2(gains, losses, (up, down) => 100 * ratio(up, up + down, 0.5))]
  },
  mfi: moneyFlow,
  mom: ({ close }, p) => [withEarlier(close, p.n("period"), (now, then) => now - then)],
  ppo: ({ close }, p) => [oscillator(close, p, share)],
  qstick: ({ open, close }, p) => [sma(subtract(close, open), p.n("period"))],
  roc: rate((now, then) => (now / then - 1) * 100),
  rocp: rate((now, then) => (now - then) / then),
  rocr: rate((now, then) => now / then),
  rocr100: rate((now, then) => (now / then) * 100),
  smi: stochasticMomentum,
  trix: ({ close }, p) => {
    const smooth = ema(ema(ema(close, p.n("period")), p.n("period")), p.n("period"))
    return [withEarlier(smooth, 1, (now, then) => 100 * (ratio(now, then, 1) - 1))]
  },
  tsi: ({ close }, p) => {
    const change = withEarlier(close, 1, (now, then) => now - then)
    const twice = (values: Floats) => ema(ema(values, p.n("first_period")), p.n("second_period"))
    return [map2(twice(change), twice(map(change, Math.abs)), (a, b) => 100 * ratio(a, b))]
  },
  ultosc: ultimate,
  vhf: vertical,
  vortex,
  wad: accumulation,
  willr: ({ high, low, close }, p) => [
    map3(highest(high, p.n("period")), lowest(low, p.n("period")), close, (h, l, c) =>
      h === l ? 0 : (-100 * (h - c)) / (h - l),
    ),
  ],
}

export const momentum: Computations = { ...fromAverages, ...fromChanges }
