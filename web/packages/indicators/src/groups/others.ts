/** Volatility, price transforms, cycles and statistics. */

import type { Compute, Computations } from "../definition.ts"
import { at, type Floats, floats, map, map2, map3, map4, ratio, scale, subtract, withEarlier } from "../kernels/array.ts"
import { cycle, LONG, phases, SHORT, trendline } from "../kernels/hilbert.ts"
import { deviation, meanDeviation, moments, regression, sma, sums, variance } from "../kernels/rolling.ts"
import { ema, rma } from "../kernels/smoothing.ts"
import { atr, trueRange } from "../kernels/true_range.ts"

const spread = (high: Floats, low: Floats): Floats => subtract(high, low)

/** Mass index (D. Dorsey, 1992). */
const mass: Compute = ({ high, low }, p) => {
  const once = ema(spread(high, low), p.n("fast_period"))
  const twice = ema(once, p.n("fast_period"))
  return [
    sums(
      map2(once, twice, (a, b) => ratio(a, b)),
      p.n("slow_period"),
    ),
  ]
}

/** Relative volatility index (D. Dorsey, 1993): the RSI of standard deviations. */
const relativeVolatility: Compute = ({ close }, p) => {
  const wide = deviation(close, p.n("stddev_period"))
  const side = (sign: 1 | -1) =>
    rma(
      map3(wide.subarray(0), close.subarray(1), close.subarray(0, -1), (d, now, then) =>
        (now - then) * sign > 0 ? d : 0,
      ),
      p.n("period"),
    )
  return [map2(side(1), side(-1), (up, down) => 100 * ratio(up, up + down, 0.5))]
}

export const volatility: Computations = {
  adr: ({ high, low }, p) => [sma(spread(high, low), p.n("period"))],
  atr: ({ high, low, close }, p) => [atr(high, low, close, p.n("period"))],
  cvi: ({ high, low }, p) => [
    withEarlier(ema(spread(high, low), p.n("period")), p.n("roc_period"), (now, then) => 100 * ratio(now - then, then)),
  ],
  massi: mass,
  natr: ({ high, low, close }, p) => {
    const range = atr(high, low, close, p.n("period"))
    // TA-Lib's own: a period of 1 gives the true range as it is, not as a share of the price
    return [p.n("period") === 1 ? range : map2(range, close, (wide, price) => ratio(wide, price) * 100)]
  },
  rvi: relativeVolatility,
  trange: ({ high, low, close }) => [trueRange(high, low, close)],
}

/** Heikin-Ashi candles (M. Valcu, Stocks & Commodities, 2004). */
const heikinAshi: Compute = ({ open, high, low, close }) => {
  const haClose = map4(open, high, low, close, (o, h, l, c) => (o + h + l + c) / 4)
  const haOpen = floats(open.length)
  for (let i = 0; i < haOpen.length; i++) {
    haOpen[i] = i === 0 ? (at(open, 0) + at(close, 0)) / 2 : (at(haOpen, i - 1) + at(haClose, i - 1)) / 2
  }
  return [
    haOpen,
    map3(high, haOpen, haClose, (a, b, c) => Math.max(a, b, c)),
    map3(low, haOpen, haClose, (a, b, c) => Math.min(a, b, c)),
    haClose,
  ]
}

export const prices: Computations = {
  avgdev: ({ close }, p) => [meanDeviation(close, p.n("period"), (_price, _mean, distance) => distance)],
  avgprice: ({ open, high, low, close }) => [map4(open, high, low, close, (o, h, l, c) => (h + l + c + o) / 4)],
  ha: heikinAshi,
  medprice: ({ high, low }) => [map2(high, low, (h, l) => (h + l) / 2)],
  typprice: ({ high, low, close }) => [map3(high, low, close, (h, l, c) => (h + l + c) / 3)],
  wclprice: ({ high, low, close }) => [map3(high, low, close, (h, l, c) => (h + l + c * 2) / 4)],
}

const RADIANS = Math.PI / 180
const sineOf = (phase: number): number => Math.sin(phase * RADIANS)
const leadOf = (phase: number): number => Math.sin((phase + 45) * RADIANS)

/** Whether the sine and the leading sine changed places from one phase to the next. */
function crossed(now: number, then: number): boolean {
  const [was, is] = [sineOf(then) - leadOf(then), sineOf(now) - leadOf(now)]
  return (is > 0 && was <= 0) || (is < 0 && was >= 0)
}

/** Whether the phase turned at the pace of its period: a cycle rules. */
const paced = (turned: number, period: number): boolean =>
  period !== 0 && turned > (0.67 * 360) / period && turned < (1.5 * 360) / period

/** Whether a trend or a cycle rules (1 or 0), as TA-Lib decides from the phase's pace and the trend line's distance. */
const trendMode: Compute = ({ close }) => {
  const found = cycle(close, LONG.begin)
  const [phase, line] = [phases(found), trendline(close, found)]
  const out = floats(close.length - LONG.lookback)
  let inTrend = 0
  for (let i = LONG.begin; i < close.length; i++) {
    const [now, then, period] = [at(phase, i), at(phase, i - 1), at(found.smoothPeriod, i)]
    inTrend = crossed(now, then) ? 0 : inTrend + 1
    const young = inTrend < 0.5 * period || inTrend === 0
    const apart = Math.abs(ratio(at(found.smooth, i) - at(line, i), at(line, i)))
    const trend = apart >= 0.015 || !(young || paced(now - then, period))
    if (i >= LONG.lookback) out[i - LONG.lookback] = trend ? 1 : 0
  }
  return [out]
}

export const cycles: Computations = {
  ht_dcperiod: ({ close }) => [cycle(close, SHORT.begin).smoothPeriod.subarray(SHORT.lookback)],
  ht_dcphase: ({ close }) => [phases(cycle(close, LONG.begin)).subarray(LONG.lookback)],
  ht_phasor: ({ close }) => {
    const { inPhase, quadrature } = cycle(close, SHORT.begin)
    return [inPhase.subarray(SHORT.lookback), quadrature.subarray(SHORT.lookback)]
  },
  ht_sine: ({ close }) => {
    const phase = phases(cycle(close, LONG.begin)).subarray(LONG.lookback)
    return [map(phase, sineOf), map(phase, leadOf)]
  },
  ht_trendmode: trendMode,
}

const change = (values: Floats): Floats => withEarlier(values, 1, (now, then) => (then === 0 ? 0 : (now - then) / then))

/** How much the lows' changes move per change of the highs: the slope of their regression. */
const beta: Compute = ({ high, low }, p) => {
  return [moments(change(high), change(low), p.n("period"), (aa, _bb, ab) => ratio(ab, aa))]
}

/** Pearson's correlation of highs and lows. */
const correlation: Compute = ({ high, low }, p) => [
  moments(high, low, p.n("period"), (aa, bb, ab) => (aa * bb < 1e-14 ? 0 : ab / Math.sqrt(aa * bb))),
]

const fitted =
  (f: (intercept: number, slope: number, period: number) => number): Compute =>
  ({ close }, p) => [regression(close, p.n("period"), (base, slope) => f(base, slope, p.n("period")))]

/** Return where `value` belongs in the first `count` of sorted values. */
function placeOf(sorted: Floats, count: number, value: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (at(sorted, middle) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Return the value of a rank (from 0) in each window, which is kept sorted as values come and go. */
function ranked(values: Floats, period: number, rank: number): Floats {
  const out = floats(values.length - period + 1)
  const sorted = floats(period)
  for (let i = 0; i < values.length; i++) {
    const count = Math.min(i, period)
    const gone = i < period ? count : placeOf(sorted, count, at(values, i - period))
    sorted.copyWithin(gone, gone + 1, count)
    const kept = Math.min(i, period - 1)
    const place = placeOf(sorted, kept, at(values, i))
    sorted.copyWithin(place + 1, place, kept)
    sorted[place] = at(values, i)
    if (i >= period - 1) out[i - period + 1] = at(sorted, rank)
  }
  return out
}

/** Share of the `period` values before the newest that are below it, in percent. */
const percentRank: Compute = ({ close }, p) => {
  const period = p.n("period")
  const out = floats(close.length - period)
  for (let i = 0; i < out.length; i++) {
    let below = 0
    for (let k = i; k < i + period; k++) if (at(close, k) < at(close, i + period)) below++
    out[i] = (100 * below) / period
  }
  return [out]
}

export const statistics: Computations = {
  beta,
  correl: correlation,
  linearreg: fitted((base, slope, n) => base + slope * (n - 1)),
  linearreg_angle: fitted((_base, slope) => Math.atan(slope) / RADIANS),
  linearreg_intercept: fitted((base) => base),
  linearreg_slope: fitted((_base, slope) => slope),
  percentile: ({ close }, p) => {
    const place = Math.max(1, Math.ceil((p.n("percentile") / 100) * p.n("period")))
    return [ranked(close, p.n("period"), place - 1)]
  },
  percentrank: percentRank,
  stddev: ({ close }, p) => [scale(deviation(close, p.n("period")), p.n("deviations"))],
  tsf: fitted((base, slope, n) => base + slope * n),
  var: ({ close }, p) => [variance(close, p.n("period"))],
}
