/**
 * Candle patterns (S. Nison, "Japanese Candlestick Charting Techniques", 1991; T. Bulkowski, "Encyclopedia of Candlestick
 * Charts", 2008), with TA-Lib's words for long, short and near: against the candles before, not in absolute sizes.
 */

import type { Compute, Computations, Chosen } from "../definition.ts"
import { at, type Floats, floats } from "../kernels/array.ts"
import type { Series } from "../types.ts"

type Measure = (candles: Candles, index: number) => number

const body: Measure = (c, i) => Math.abs(at(c.close, i) - at(c.open, i))
const range: Measure = (c, i) => at(c.high, i) - at(c.low, i)
const top: Measure = (c, i) => Math.max(at(c.open, i), at(c.close, i))
const bottom: Measure = (c, i) => Math.min(at(c.open, i), at(c.close, i))
const upper: Measure = (c, i) => at(c.high, i) - top(c, i)
const lower: Measure = (c, i) => bottom(c, i) - at(c.low, i)

type Candles = Pick<Series, "open" | "high" | "low" | "close">

/** A share of the mean of a measure over the candles before; of the candle itself, if `over` is 0. */
const against =
  (measure: Measure, over: number, share: number): Measure =>
  (c, i) => {
    if (over === 0) return share * measure(c, i)
    let total = 0
    for (let k = i - over; k < i; k++) total += measure(c, k)
    return (share * total) / over
  }

const usualBody = against(body, 10, 1)
const dojiBody = against(range, 10, 0.1)
const longShadow = body
const noShadow = against(range, 10, 0.1)
const near = against(range, 5, 0.2)
const far = against(range, 5, 0.6)

/** 1 for a candle that closes at or above its open, else -1. */
const side: Measure = (c, i) => (at(c.close, i) >= at(c.open, i) ? 1 : -1)
const isDoji = (c: Candles, i: number): boolean => body(c, i) <= dojiBody(c, i)
const isLong = (c: Candles, i: number): boolean => body(c, i) > usualBody(c, i)
const isShort = (c: Candles, i: number): boolean => body(c, i) < usualBody(c, i)
const bare = (shadow: Measure, c: Candles, i: number): boolean => shadow(c, i) < noShadow(c, i)
const tall = (shadow: Measure, c: Candles, i: number): boolean => shadow(c, i) > longShadow(c, i)

type Rule = (candles: Candles, index: number, chosen: Chosen) => number

/** Ask a rule about every candle that has enough before it: 100 or 80 bullish, -100 or -80 bearish, 0 nothing. */
const asked =
  (lookback: number, rule: Rule): Compute =>
  (series, chosen) => {
    const out: Floats = floats(series.close.length - lookback)
    for (let i = 0; i < out.length; i++) out[i] = rule(series, i + lookback, chosen)
    return [out]
  }

const when = (holds: boolean, value: number): number => (holds ? value : 0)

/** A small body at one end of a long shadow. */
const hammer = (c: Candles, i: number): boolean => isShort(c, i) && tall(lower, c, i) && bare(upper, c, i)
const inverted = (c: Candles, i: number): boolean => isShort(c, i) && tall(upper, c, i) && bare(lower, c, i)

function engulfing(c: Candles, i: number): number {
  const [now, before] = [side(c, i), side(c, i - 1)]
  const covers = top(c, i) >= top(c, i - 1) && bottom(c, i) <= bottom(c, i - 1)
  const [above, below] = [top(c, i) > top(c, i - 1), bottom(c, i) < bottom(c, i - 1)]
  if (now === before || !covers || !(above || below)) return 0
  return now * (above && below ? 100 : 80)
}

function harami(c: Candles, i: number): number {
  if (!isLong(c, i - 1) || body(c, i) > usualBody(c, i)) return 0
  const [under, over] = [top(c, i - 1) - top(c, i), bottom(c, i) - bottom(c, i - 1)]
  if (under < 0 || over < 0) return 0
  return -side(c, i - 1) * (under > 0 && over > 0 ? 100 : 80)
}

/** A long candle is answered by one that opens beyond it and closes deep in it: from below (1) or from above (-1). */
function answered(c: Candles, i: number, way: 1 | -1): boolean {
  if (side(c, i) !== way || side(c, i - 1) !== -way || !isLong(c, i - 1)) return false
  const beyond = way > 0 ? at(c.open, i) < at(c.low, i - 1) : at(c.open, i) > at(c.high, i - 1)
  return beyond && (at(c.close, i) - at(c.open, i - 1)) * way < 0
}

const depth = (c: Candles, i: number, way: 1 | -1): number => (at(c.close, i) - at(c.close, i - 1)) * way

/** A long candle, a small one that stands off, and one that comes back into the first: the stars. */
function star(c: Candles, i: number, chosen: Chosen, way: 1 | -1): boolean {
  const sides = side(c, i - 2) === -way && side(c, i) === way
  const bodies = isLong(c, i - 2) && body(c, i - 1) <= usualBody(c, i - 1) && isLong(c, i)
  const gap = way > 0 ? top(c, i - 1) < bottom(c, i - 2) : bottom(c, i - 1) > top(c, i - 2)
  const back = (at(c.close, i) - at(c.close, i - 2)) * way
  return sides && bodies && gap && back > body(c, i - 2) * chosen.n("penetration")
}

function crows(c: Candles, i: number): boolean {
  const three = [i - 2, i - 1, i]
  if (side(c, i - 3) !== 1 || at(c.high, i - 3) <= at(c.close, i - 2)) return false
  if (three.some((k) => side(c, k) !== -1 || !bare(lower, c, k))) return false
  return three.slice(1).every((k) => {
    const inside = at(c.open, k) < at(c.open, k - 1) && at(c.open, k) > at(c.close, k - 1)
    return inside && at(c.close, k) < at(c.close, k - 1)
  })
}

function soldiers(c: Candles, i: number): boolean {
  const three = [i - 2, i - 1, i]
  if (three.some((k) => side(c, k) !== 1 || !bare(upper, c, k)) || !isLong(c, i)) return false
  return three.slice(1).every((k) => {
    const begins = at(c.open, k) > at(c.open, k - 1) && at(c.open, k) <= at(c.close, k - 1) + near(c, k - 1)
    return begins && at(c.close, k) > at(c.close, k - 1) && body(c, k) > body(c, k - 1) - far(c, k - 1)
  })
}

export const patterns: Computations = {
  cdl3blackcrows: asked(13, (c, i) => when(crows(c, i), -100)),
  cdl3whitesoldiers: asked(12, (c, i) => when(soldiers(c, i), 100)),
  cdldarkcloudcover: asked(11, (c, i, p) =>
    when(answered(c, i, -1) && depth(c, i, -1) > body(c, i - 1) * p.n("penetration"), -100),
  ),
  cdldoji: asked(10, (c, i) => when(isDoji(c, i), 100)),
  cdldragonflydoji: asked(10, (c, i) => when(isDoji(c, i) && bare(upper, c, i) && lower(c, i) > noShadow(c, i), 100)),
  cdlengulfing: asked(2, engulfing),
  cdleveningstar: asked(12, (c, i, p) => when(star(c, i, p, -1), -100)),
  cdlgravestonedoji: asked(10, (c, i) => when(isDoji(c, i) && bare(lower, c, i) && upper(c, i) > noShadow(c, i), 100)),
  cdlhammer: asked(11, (c, i) => when(hammer(c, i) && bottom(c, i) <= at(c.low, i - 1) + near(c, i - 1), 100)),
  cdlhangingman: asked(11, (c, i) => when(hammer(c, i) && bottom(c, i) >= at(c.high, i - 1) - near(c, i - 1), -100)),
  cdlharami: asked(11, harami),
  cdlinvertedhammer: asked(11, (c, i) => when(inverted(c, i) && top(c, i) < bottom(c, i - 1), 100)),
  cdllongleggeddoji: asked(10, (c, i) => when(isDoji(c, i) && (tall(lower, c, i) || tall(upper, c, i)), 100)),
  cdlmarubozu: asked(10, (c, i) => when(isLong(c, i) && bare(upper, c, i) && bare(lower, c, i), side(c, i) * 100)),
  cdlmorningstar: asked(12, (c, i, p) => when(star(c, i, p, 1), 100)),
  cdlpiercing: asked(11, (c, i) =>
    when(answered(c, i, 1) && isLong(c, i) && depth(c, i, 1) > body(c, i - 1) * 0.5, 100),
  ),
  cdlshootingstar: asked(11, (c, i) => when(inverted(c, i) && bottom(c, i) > top(c, i - 1), -100)),
  cdlspinningtop: asked(10, (c, i) =>
    when(isShort(c, i) && upper(c, i) > body(c, i) && lower(c, i) > body(c, i), side(c, i) * 100),
  ),
}
