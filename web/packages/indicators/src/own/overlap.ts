/** Our own indicators over the prices. */

import type { Definition } from "../definition.ts"
import { add, at, before, type Floats, floats, map2, scale, subtract } from "../kernels/array.ts"
import { average } from "../kernels/averages.ts"
import { highest, lowest } from "../kernels/rolling.ts"
import { rma } from "../kernels/smoothing.ts"
import { atr } from "../kernels/true_range.ts"
import { dashed, line, lower, period, real, upper } from "./parameters.ts"

const middle = (high: Floats, low: Floats, length: number): Floats =>
  map2(highest(high, length), lowest(low, length), (h, l) => (h + l) / 2)

/** Return each value at the candle `count` candles before its own: nothing is known for the newest ones. */
function shiftedBack(values: Floats, count: number): Floats {
  const out = floats(values.length).fill(Number.NaN)
  out.set(values.subarray(Math.min(count, values.length)))
  return out
}

/**
 * Ichimoku Kinko Hyo (G. Hosoda, 1969): middles of the last 9, 26 and 52 candles. The cloud is drawn 26 candles after
 * what it is made of, the closes 26 candles before theirs; what would lie beyond the newest candle is not told.
 */
const ichimoku: Definition = {
  name: "ichimoku",
  group: "overlap",
  pane: "price",
  parameters: [
    period(9, "conversion_period"),
    period(26, "base_period"),
    period(52, "span_period"),
    period(26, "displacement"),
  ],
  outputs: [line("conversion"), line("base"), upper("span_a"), lower("span_b"), dashed("lagging")],
  repaints: true,
  compute: ({ high, low, close }, p) => {
    const [conversion, base] = [
      middle(high, low, p.n("conversion_period")),
      middle(high, low, p.n("base_period")),
    ]
    const shift = p.n("displacement")
    const first = map2(conversion, base, (a, b) => (a + b) / 2)
    const second = middle(high, low, p.n("span_period"))
    return [conversion, base, before(first, shift), before(second, shift), shiftedBack(close, shift)]
  },
}

/** Alligator (B. Williams, "Trading Chaos", 1995): Wilder's averages of the middle price, moved to later candles. */
const alligator: Definition = {
  name: "alligator",
  group: "overlap",
  pane: "price",
  parameters: [
    period(13, "jaw_period"),
    period(8, "jaw_shift"),
    period(8, "teeth_period"),
    period(5, "teeth_shift"),
    period(5, "lips_period"),
    period(3, "lips_shift"),
  ],
  outputs: [line("jaw"), line("teeth"), line("lips")],
  compute: ({ high, low }, p) => {
    const prices = map2(high, low, (h, l) => (h + l) / 2)
    const part = (name: string) => before(rma(prices, p.n(`${name}_period`)), p.n(`${name}_shift`))
    return [part("jaw"), part("teeth"), part("lips")]
  },
}

/** Envelope: a moving average and the same some percent above and below. */
const envelope: Definition = {
  name: "envelope",
  group: "overlap",
  pane: "price",
  parameters: [
    period(20),
    real("percent", 2.5, 0, 100, 0.1),
    { key: "ma_type", kind: "ma", default: "sma", choices: ["sma", "ema", "wma", "dema", "tema", "hma", "rma"] },
  ],
  outputs: [upper("upperband"), line("middleband"), lower("lowerband")],
  compute: ({ close }, p) => {
    const mid = average(p.t("ma_type"), close, p.n("period"))
    return [scale(mid, 1 + p.n("percent") / 100), mid, scale(mid, 1 - p.n("percent") / 100)]
  },
}

/** Arnaud Legoux's average (A. Legoux and D. Kouzis-Loukas, 2009): weights on a bell curve set near the newest candle. */
const alma: Definition = {
  name: "alma",
  group: "overlap",
  pane: "price",
  parameters: [period(9), real("offset", 0.85, 0, 1, 0.05), real("sigma", 6, 0.1, 100, 0.5)],
  outputs: [line()],
  compute: ({ close }, p) => {
    const length = p.n("period")
    const [centre, width] = [p.n("offset") * (length - 1), length / p.n("sigma")]
    const weights = Float64Array.from({ length }, (_, k) => Math.exp(-((k - centre) ** 2) / (2 * width * width)))
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    const out = floats(close.length - length + 1)
    for (let i = 0; i < out.length; i++) {
      let total = 0
      for (let k = 0; k < length; k++) total += at(weights, k) * at(close, i + k)
      out[i] = total / whole
    }
    return [out]
  },
}

/**
 * McGinley's dynamic (J. McGinley, Journal of Technical Analysis, 1991): it steps towards the price by
 * distance / (k * period * (price / average)^4), k = 0.6. It begins with the first close.
 */
const mcginley: Definition = {
  name: "mcginley",
  group: "overlap",
  pane: "price",
  parameters: [period(14)],
  outputs: [line()],
  compute: ({ close }, p) => {
    const out = floats(close.length)
    for (let i = 0; i < out.length; i++) {
      const [price, last] = [at(close, i), i === 0 ? at(close, 0) : at(out, i - 1)]
      const slowness = 0.6 * p.n("period") * (price / last) ** 4
      out[i] = last + (price - last) / Math.max(1, slowness)
    }
    return [out]
  },
}

/** Chandelier exit (C. LeBeau, 1999): stops some true ranges under the highest high and over the lowest low. */
const chandelier: Definition = {
  name: "chandelier",
  group: "overlap",
  pane: "price",
  parameters: [period(22), real("multiplier", 3, 0, 100, 0.5)],
  outputs: [line("long_stop"), line("short_stop")],
  compute: ({ high, low, close }, p) => {
    const away = scale(atr(high, low, close, p.n("period")), p.n("multiplier"))
    return [subtract(highest(high, p.n("period")), away), add(lowest(low, p.n("period")), away)]
  },
}

/**
 * Variable index dynamic average (T. Chande, Stocks & Commodities, 1992): an exponential average that weighs a new
 * close by how one-sided the last moves were (the size of Chande's momentum oscillator). It begins with the first close
 * that has an oscillator.
 */
const vidya: Definition = {
  name: "vidya",
  group: "overlap",
  pane: "price",
  parameters: [period(14), period(9, "momentum_period")],
  outputs: [line()],
  compute: ({ close }, p) => {
    const length = p.n("momentum_period")
    const out = floats(close.length - length)
    const weight = 2 / (p.n("period") + 1)
    for (let i = 0; i < out.length; i++) {
      let [way, distance] = [0, 0]
      for (let k = i + 1; k <= i + length; k++) {
        way += Math.abs(at(close, k) - at(close, k - 1))
        distance += at(close, k) - at(close, k - 1)
      }
      const share = way === 0 ? 0 : weight * Math.min(1, Math.abs(distance / way))
      const price = at(close, i + length)
      out[i] = i === 0 ? price : share * price + (1 - share) * at(out, i - 1)
    }
    return [out]
  },
}

/** Moving-average ribbon: six exponential averages, from the quick one in equal steps. */
const ribbon: Definition = {
  name: "ribbon",
  group: "overlap",
  pane: "price",
  parameters: [period(10), period(10, "step_period")],
  outputs: ["first", "second", "third", "fourth", "fifth", "sixth"].map((key) => line(key)),
  compute: ({ close }, p) =>
    Array.from({ length: 6 }, (_, k) => average("ema", close, p.n("period") + k * p.n("step_period"))),
}

export const ownOverlap: readonly Definition[] = [
  ichimoku,
  alligator,
  envelope,
  alma,
  mcginley,
  chandelier,
  vidya,
  ribbon,
]
