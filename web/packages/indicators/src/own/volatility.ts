/** Our own indicators of volatility and volume. */

import type { Definition } from "../definition.ts"
import { at, type Floats, floats, map2, map3, map4, ratio, scale, subtract, tail, withEarlier } from "../kernels/array.ts"
import { deviation, highest, lowest, sma, sums } from "../kernels/rolling.ts"
import { ema } from "../kernels/smoothing.ts"
import { trueRange } from "../kernels/true_range.ts"
import { dashed, line, period, real } from "./parameters.ts"

const DEVIATIONS = real("deviations", 2, 0.1, 1000, 0.1)

/** %B (J. Bollinger): where the close is between the Bollinger bands: 0 at the lower one, 1 at the upper one. */
const percentB: Definition = {
  name: "bbp",
  group: "volatility",
  pane: "own",
  parameters: [period(20, "period", 2), DEVIATIONS],
  outputs: [line()],
  compute: ({ close }, p) => [
    map3(close, sma(close, p.n("period")), deviation(close, p.n("period")), (price, mean, wide) =>
      ratio(price - mean, 2 * p.n("deviations") * wide) + 0.5,
    ),
  ],
}

/** Bandwidth (J. Bollinger): the distance between the Bollinger bands in percent of the middle one. */
const bandwidth: Definition = {
  name: "bbw",
  group: "volatility",
  pane: "own",
  parameters: [period(20, "period", 2), DEVIATIONS],
  outputs: [line()],
  compute: ({ close }, p) => [
    map2(deviation(close, p.n("period")), sma(close, p.n("period")), (wide, mean) =>
      100 * ratio(2 * p.n("deviations") * wide, mean),
    ),
  ],
}

/** Choppiness (E. Dreiss, 1993): 100 log10(way / reach) / log10(period); near 100 sideways, near 0 a straight trend. */
const choppiness: Definition = {
  name: "chop",
  group: "volatility",
  pane: "own",
  parameters: [period(14, "period", 2)],
  outputs: [line()],
  compute: ({ high, low, close }, p) => {
    const n = p.n("period")
    const way = sums(trueRange(high, low, close), n)
    return [
      map3(way, highest(high, n), lowest(low, n), (sum, top, bottom) =>
        sum <= 0 || top <= bottom ? Number.NaN : (100 * Math.log10(sum / (top - bottom))) / Math.log10(n),
      ),
    ]
  },
}

/** Historical volatility: the deviation of logarithmic returns, in percent, of `year` candles a year. */
const historical: Definition = {
  name: "hv",
  group: "volatility",
  pane: "own",
  parameters: [
    period(20, "period", 2),
    { key: "candles_per_year", kind: "int", default: 365, min: 1, max: 32_000_000, step: 1 },
  ],
  outputs: [line()],
  compute: ({ close }, p) => {
    const n = p.n("period")
    const returns = withEarlier(close, 1, (now, then) => Math.log(now / then))
    return [scale(deviation(returns, n), 100 * Math.sqrt((p.n("candles_per_year") * n) / (n - 1)))]
  },
}

/** Ulcer index (P. Martin and B. McCann, 1989): the root of the mean squared fall from the highest close, in percent. */
const ulcer: Definition = {
  name: "ulcer",
  group: "volatility",
  pane: "own",
  parameters: [period(14)],
  outputs: [line()],
  compute: ({ close }, p) => {
    const falls = map2(close, highest(close, p.n("period")), (price, top) => (100 * ratio(price - top, top)) ** 2)
    return [sma(falls, p.n("period")).map(Math.sqrt)]
  },
}

/** Z-score: how many standard deviations the close is away from its mean. */
const score: Definition = {
  name: "zscore",
  group: "statistic",
  pane: "own",
  parameters: [period(20, "period", 2)],
  outputs: [line()],
  compute: ({ close }, p) => [
    map3(close, sma(close, p.n("period")), deviation(close, p.n("period")), (price, mean, wide) =>
      ratio(price - mean, wide),
    ),
  ],
}

/** Volume with its moving average. */
const volume: Definition = {
  name: "volume",
  group: "volume",
  pane: "own",
  parameters: [period(20)],
  outputs: [{ key: "volume", draw: "histogram" }, line("average")],
  compute: (series, p) => [series.volume, sma(series.volume, p.n("period"))],
}

/** Ease of movement (R. Arms): how far the middle price moves per volume, averaged; `divisor` makes readable numbers of it. */
const ease: Definition = {
  name: "eom",
  group: "volume",
  pane: "own",
  parameters: [period(14), real("divisor", 10_000, 1, 1_000_000_000, 1000)],
  outputs: [line()],
  compute: ({ high, low, volume: traded }, p) => {
    const middle = map2(high, low, (h, l) => (h + l) / 2)
    const moved = withEarlier(middle, 1, (now, then) => now - then)
    const eased = map4(moved, high, low, traded, (m, h, l, v) => ratio(m * (h - l) * p.n("divisor"), v))
    return [sma(eased, p.n("period"))]
  },
}

/**
 * Volume force of the Klinger oscillator: volume, signed by the trend of high + low + close, weighed by how much of the
 * trend's ranges this candle is.
 */
function force(high: Floats, low: Floats, close: Floats, traded: Floats): Floats {
  const out = floats(high.length - 1)
  let [trend, sum, lastRange] = [0, 0, high.length > 0 ? at(high, 0) - at(low, 0) : 0]
  for (let i = 1; i < high.length; i++) {
    const range = at(high, i) - at(low, i)
    const moved = at(high, i) + at(low, i) + at(close, i) - at(high, i - 1) - at(low, i - 1) - at(close, i - 1)
    const now = moved > 0 ? 1 : -1
    sum = now === trend ? sum + range : lastRange + range
    trend = now
    lastRange = range
    out[i - 1] = at(traded, i) * Math.abs(2 * (ratio(range, sum) - 1)) * trend * 100
  }
  return out
}

/** Klinger oscillator (S. Klinger, Stocks & Commodities, 1997): the difference of two averages of the volume force. */
const klinger: Definition = {
  name: "kvo",
  group: "volume",
  pane: "own",
  parameters: [period(34, "fast_period", 2), period(55, "slow_period", 2), period(13, "signal_period")],
  outputs: [line("kvo"), dashed("signal")],
  compute: ({ high, low, close, volume: traded }, p) => {
    const forces = force(high, low, close, traded)
    const value = subtract(ema(forces, p.n("fast_period")), ema(forces, p.n("slow_period")))
    const signal = ema(value, p.n("signal_period"))
    return [tail(value, signal.length), signal]
  },
}

export const ownVolatility: readonly Definition[] = [
  percentB,
  bandwidth,
  choppiness,
  historical,
  ulcer,
  score,
  volume,
  ease,
  klinger,
]
