/** What lies over the prices: averages, bands, stops. */

import type { Compute, Computations } from "../definition.ts"
import { add, type Floats, map2, map3, scale, subtract, tail } from "../kernels/array.ts"
import { average } from "../kernels/averages.ts"
import { cycle, LONG, mama, trendline } from "../kernels/hilbert.ts"
import { parabolic, supertrend } from "../kernels/stops.ts"
import { deviation, highest, lowest, sma, sums } from "../kernels/rolling.ts"
import { t3 } from "../kernels/smoothing.ts"
import { atr } from "../kernels/true_range.ts"

const averaged =
  (type: string): Compute =>
  ({ close }, p) => [average(type, close, p.n("period"))]

const middle = (a: Floats, b: Floats): Floats => map2(a, b, (x, y) => (x + y) / 2)

const bollinger: Compute = ({ close }, p) => {
  const mid = average(p.t("ma_type"), close, p.n("period"))
  const wide = deviation(close, p.n("period"))
  const band = (deviations: number) => map2(mid, wide, (m, d) => m + deviations * d)
  return [band(p.n("deviations_up")), mid, band(-p.n("deviations_down"))]
}

/** Acceleration bands (P. Headley): averages of the extremes, widened by four times the range's share of the price. */
const acceleration: Compute = ({ high, low, close }, p) => {
  const wider = (side: Floats, sign: 1 | -1) =>
    map3(side, high, low, (price, h, l) =>
      h + l === 0 ? price : price * (1 + (sign * 4 * (h - l)) / (h + l)),
    )
  const period = p.n("period")
  return [sma(wider(high, 1), period), sma(close, period), sma(wider(low, -1), period)]
}

/** Keltner channels (C. Keltner, 1960; L. Raschke): both averages begin with the channel's first candle, as TA-Lib's do. */
const keltner: Compute = ({ high, low, close }, p) => {
  const [period, rangePeriod] = [p.n("period"), p.n("atr_period")]
  const typical = map3(high, low, close, (h, l, c) => (h + l + c) / 3)
  const length = close.length - Math.max(period - 1, rangePeriod)
  const mid = average("ema", tail(typical, length + period - 1), period)
  const [h, l, c] = [high, low, close].map((side) => tail(side, length + rangePeriod)) as [Floats, Floats, Floats]
  const wide = scale(atr(h, l, c, rangePeriod), p.n("deviations"))
  return [add(mid, wide), mid, subtract(mid, wide)]
}

const donchian: Compute = ({ high, low }, p) => {
  const [top, bottom] = [highest(high, p.n("period")), lowest(low, p.n("period"))]
  return [top, middle(top, bottom), bottom]
}

export const overlap: Computations = {
  accbands: acceleration,
  bbands: bollinger,
  dema: averaged("dema"),
  donchian,
  ema: averaged("ema"),
  hma: averaged("hma"),
  ht_trendline: ({ close }) => [trendline(close, cycle(close, LONG.begin)).subarray(LONG.lookback)],
  kama: averaged("kama"),
  kc: keltner,
  ma: ({ close }, p) => [average(p.t("ma_type"), close, p.n("period"))],
  mama: ({ close }, p) => {
    const found = mama(close, p.n("fast_limit"), p.n("slow_limit"))
    return [found.mama, found.fama]
  },
  midpoint: ({ close }, p) => [middle(highest(close, p.n("period")), lowest(close, p.n("period")))],
  midprice: ({ high, low }, p) => [middle(highest(high, p.n("period")), lowest(low, p.n("period")))],
  rma: averaged("rma"),
  sar: ({ high, low }, p) => [
    parabolic(high, low, {
      start: 0,
      offset: 0,
      long: { first: p.n("acceleration"), step: p.n("acceleration"), most: p.n("maximum") },
      short: { first: p.n("acceleration"), step: p.n("acceleration"), most: p.n("maximum") },
      negative: false,
    }),
  ],
  sarext: ({ high, low }, p) => [
    parabolic(high, low, {
      start: p.n("start_value"),
      offset: p.n("offset_on_reverse"),
      long: {
        first: p.n("acceleration_init_long"),
        step: p.n("acceleration_long"),
        most: p.n("acceleration_max_long"),
      },
      short: {
        first: p.n("acceleration_init_short"),
        step: p.n("acceleration_short"),
        most: p.n("acceleration_max_short"),
      },
      negative: true,
    }),
  ],
  sma: averaged("sma"),
  supertrend: ({ high, low, close }, p) => {
    const found = supertrend(high, low, close, p.n("period"), p.n("multiplier"))
    return [found.line, found.trend]
  },
  t3: ({ close }, p) => [t3(close, p.n("period"), p.n("volume_factor"))],
  tema: averaged("tema"),
  trima: averaged("trima"),
  vwma: ({ close, volume }, p) => {
    const period = p.n("period")
    if (period === 1) return [close]
    const money = map2(close, volume, (c, v) => c * v)
    return [map2(sums(money, period), sums(volume, period), (spent, traded) => spent / traded)]
  },
  wma: averaged("wma"),
  zlema: averaged("zlema"),
}
