/** What volume says about the price. */

import type { Compute, Computations } from "../definition.ts"
import { at, cumulative, type Floats, floats, map2, map3, map4, ratio } from "../kernels/array.ts"
import { sma, sums } from "../kernels/rolling.ts"
import { ema, factor } from "../kernels/smoothing.ts"
import type { Series } from "../types.ts"
import { oscillator } from "./momentum.ts"

/** Volume times where the close is in the range, from -1 (at the low) to 1 (at the high) (M. Chaikin). */
export const moneyFlow = ({ high, low, close, volume }: Series): Floats =>
  map4(high, low, close, volume, (h, l, c, v) => (h - l > 0 ? ((c - l - (h - c)) / (h - l)) * v : 0))

/** Exponential average that begins with the first value instead of a mean. */
function fromFirst(values: Floats, period: number): Floats {
  const out = floats(values.length)
  const weight = factor(period)
  let last = values.length > 0 ? at(values, 0) : 0
  for (let i = 0; i < out.length; i++) {
    last = weight * at(values, i) + (1 - weight) * last
    out[i] = last
  }
  return out
}

/** On-balance volume (J. Granville, 1963); it begins with the first candle's volume. */
const onBalance: Compute = ({ close, volume }) => {
  const signed = volume.slice()
  for (let i = 1; i < signed.length; i++) {
    signed[i] = Math.sign(at(close, i) - at(close, i - 1)) * at(volume, i)
  }
  return [cumulative(signed)]
}

/** Negative and positive volume index (P. Dysart, N. Fosback): the price's moves on days of less, or more, volume. */
const volumeIndex =
  (counts: (now: number, then: number) => boolean): Compute =>
  ({ close, volume }) => {
    const out = floats(close.length).fill(1000)
    for (let i = 1; i < out.length; i++) {
      const before = at(close, i - 1)
      const change = ratio(at(close, i) - before, before)
      const last = at(out, i - 1)
      out[i] = counts(at(volume, i), at(volume, i - 1)) ? last + last * change : last
    }
    return [out]
  }

const priceVolume: Compute = ({ close, volume }) => {
  const out = floats(close.length)
  for (let i = 1; i < out.length; i++) {
    const before = at(close, i - 1)
    out[i] = at(out, i - 1) + ratio(at(close, i) - before, before) * at(volume, i)
  }
  return [out]
}

export const volumes: Computations = {
  ad: (series) => [cumulative(moneyFlow(series))],
  adosc: (series, p) => {
    const line = cumulative(moneyFlow(series))
    const slowest = Math.max(p.n("fast_period"), p.n("slow_period"))
    const value = map2(fromFirst(line, p.n("fast_period")), fromFirst(line, p.n("slow_period")), (a, b) => a - b)
    return [value.subarray(Math.min(slowest - 1, value.length))]
  },
  cmf: (series, p) => [
    map2(sums(moneyFlow(series), p.n("period")), sums(series.volume, p.n("period")), (flow, traded) =>
      ratio(flow, traded),
    ),
  ],
  efi: ({ close, volume }, p) => [
    ema(
      map3(close.subarray(1), close.subarray(0, -1), volume.subarray(1), (now, then, v) => (now - then) * v),
      p.n("period"),
    ),
  ],
  marketfi: ({ high, low, volume }) => [map3(high, low, volume, (h, l, v) => ratio(h - l, v))],
  nvi: volumeIndex((now, then) => now < then),
  obv: onBalance,
  pvi: volumeIndex((now, then) => now > then),
  pvo: ({ volume }, p) => [oscillator(volume, p, (fast, slow) => 100 * ratio(fast - slow, slow))],
  pvt: priceVolume,
  rvol: ({ volume }, p) => [map2(volume, sma(volume, p.n("period")).subarray(0, -1), (now, mean) => ratio(now, mean))],
  vwap: ({ high, low, close, volume }) => {
    const money = cumulative(map4(high, low, close, volume, (h, l, c, v) => ((h + l + c) / 3) * v))
    return [map2(money, cumulative(volume), (m, v) => m / v)]
  },
}
