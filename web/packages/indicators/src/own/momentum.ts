/** Our own oscillators. */

import type { Definition } from "../definition.ts"
import { add, at, type Floats, floats, map, map2, map3, ratio, scale, subtract, tail, withEarlier } from "../kernels/array.ts"
import { highest, lowest, sma, sums } from "../kernels/rolling.ts"
import { ema } from "../kernels/smoothing.ts"
import { rsi } from "../groups/strength.ts"
import { dashed, line, period } from "./parameters.ts"

const roc = (values: Floats, length: number): Floats =>
  withEarlier(values, length, (now, then) => 100 * ratio(now - then, then))

/** Where a value is between the lowest and the highest of its last ones, 0 to 100; the middle where they are alike. */
const place = (values: Floats, length: number): Floats =>
  map3(highest(values, length), lowest(values, length), values, (h, l, v) => 100 * ratio(v - l, h - l, 0.5))

const withSignal = (value: Floats, signal: Floats): readonly Floats[] => [tail(value, signal.length), signal]

/** Fisher transform (J. Ehlers, Stocks & Commodities, 2002) of where the middle price is; the signal is a candle late. */
const fisher: Definition = {
  name: "fisher",
  group: "momentum",
  pane: "own",
  parameters: [period(9, "period", 2)],
  outputs: [line("fisher"), dashed("signal")],
  compute: ({ high, low }, p) => {
    const prices = map2(high, low, (h, l) => (h + l) / 2)
    const where = place(prices, p.n("period"))
    const out = floats(where.length)
    let [value, last] = [0, 0]
    for (let i = 0; i < out.length; i++) {
      value = 0.66 * (at(where, i) / 100 - 0.5) + 0.67 * value
      if (Math.abs(value) > 0.99) value = Math.sign(value) * 0.999
      last = 0.5 * Math.log((1 + value) / (1 - value)) + 0.5 * last
      out[i] = last
    }
    return [out.subarray(1), out.subarray(0, -1)]
  },
}

/** Know sure thing (M. Pring, Stocks & Commodities, 1992): four smoothed rates of change, the slower the heavier. */
const kst: Definition = {
  name: "kst",
  group: "momentum",
  pane: "own",
  parameters: [period(9, "signal_period")],
  outputs: [line("kst"), dashed("signal")],
  compute: ({ close }, p) => {
    const parts = [
      sma(roc(close, 10), 10),
      scale(sma(roc(close, 15), 10), 2),
      scale(sma(roc(close, 20), 10), 3),
      scale(sma(roc(close, 30), 15), 4),
    ]
    const value = parts.reduce(add)
    return withSignal(value, sma(value, p.n("signal_period")))
  },
}

/** Halve the way to each new value: the smoothing of the Schaff trend cycle. */
function halved(values: Floats): Floats {
  const out = floats(values.length)
  for (let i = 0; i < out.length; i++) {
    out[i] = i === 0 ? at(values, 0) : at(out, i - 1) + 0.5 * (at(values, i) - at(out, i - 1))
  }
  return out
}

/** Schaff trend cycle (D. Schaff, 1999): the stochastic of the stochastic of the MACD. */
const schaff: Definition = {
  name: "stc",
  group: "momentum",
  pane: "own",
  parameters: [period(23, "fast_period", 2), period(50, "slow_period", 2), period(10, "period", 2)],
  outputs: [line()],
  compute: ({ close }, p) => {
    const macd = subtract(ema(close, p.n("fast_period")), ema(close, p.n("slow_period")))
    return [halved(place(halved(place(macd, p.n("period"))), p.n("period")))]
  },
}

/** Return how many candles in a row closes rose (above 0) or fell (below 0). */
function streaks(close: Floats): Floats {
  const out = floats(close.length)
  for (let i = 1; i < out.length; i++) {
    const sign = Math.sign(at(close, i) - at(close, i - 1))
    const last = at(out, i - 1)
    out[i] = sign === Math.sign(last) ? last + sign : sign
  }
  return out
}

/** Return the share of the `length` values before each that are below it, in percent. */
function rank(values: Floats, length: number): Floats {
  const out = floats(values.length - length)
  for (let i = 0; i < out.length; i++) {
    let below = 0
    for (let k = i; k < i + length; k++) if (at(values, k) < at(values, i + length)) below++
    out[i] = (100 * below) / length
  }
  return out
}

/** Connors RSI (L. Connors and C. Alvarez, 2012): the mean of a short RSI, the RSI of streaks, and today's move's rank. */
const connors: Definition = {
  name: "crsi",
  group: "momentum",
  pane: "own",
  parameters: [period(3, "period", 2), period(2, "streak_period", 2), period(100, "rank_period", 2)],
  outputs: [line()],
  compute: ({ close }, p) => [
    map3(
      rsi(close, p.n("period")),
      rsi(streaks(close), p.n("streak_period")),
      rank(roc(close, 1), p.n("rank_period")),
      (a, b, c) => (a + b + c) / 3,
    ),
  ],
}

/** Wave trend ("LazyBear", TradingView, 2014): the smoothed distance from an average, in mean distances. */
const waveTrend: Definition = {
  name: "wavetrend",
  group: "momentum",
  pane: "own",
  parameters: [period(10, "channel_period"), period(21, "average_period"), period(4, "signal_period")],
  outputs: [line("wavetrend"), dashed("signal")],
  compute: ({ high, low, close }, p) => {
    const prices = map3(high, low, close, (h, l, c) => (h + l + c) / 3)
    const mean = ema(prices, p.n("channel_period"))
    const apart = subtract(prices, mean)
    const distance = ema(map(apart, Math.abs), p.n("channel_period"))
    const value = ema(
      map2(apart, distance, (a, d) => ratio(a, 0.015 * d)),
      p.n("average_period"),
    )
    return withSignal(value, sma(value, p.n("signal_period")))
  },
}

/** Psychological line: the share of the last candles that closed above the one before, in percent. */
const psychological: Definition = {
  name: "psy",
  group: "momentum",
  pane: "own",
  parameters: [period(12)],
  outputs: [line()],
  compute: ({ close }, p) => {
    const rises = withEarlier(close, 1, (now, then) => (now > then ? 1 : 0))
    return [scale(sma(rises, p.n("period")), 100)]
  },
}

/** Bias (disparity index, S. Nison): how far the close is from its average, in percent of that. */
const bias: Definition = {
  name: "bias",
  group: "momentum",
  pane: "own",
  parameters: [period(14)],
  outputs: [line()],
  compute: ({ close }, p) => [map2(close, sma(close, p.n("period")), (price, mean) => 100 * ratio(price - mean, mean))],
}

/** Rises over a lag against falls, summed over a period and in percent of both: a momentum RSI without smoothing (after R. Altman, 1993). */
const relativeMomentum: Definition = {
  name: "rmi",
  group: "momentum",
  pane: "own",
  parameters: [period(14, "period", 2), period(4, "lag")],
  outputs: [line()],
  compute: ({ close }, p) => {
    const rise = withEarlier(close, p.n("lag"), (now, then) => Math.max(0, now - then))
    const fall = withEarlier(close, p.n("lag"), (now, then) => Math.max(0, then - now))
    return [
      map2(sums(rise, p.n("period")), sums(fall, p.n("period")), (up, down) => 100 * ratio(up, up + down, 0.5)),
    ]
  },
}

export const ownMomentum: readonly Definition[] = [
  fisher,
  kst,
  schaff,
  connors,
  waveTrend,
  psychological,
  bias,
  relativeMomentum,
]
