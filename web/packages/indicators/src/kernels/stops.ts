/** Stops that follow a trend and turn with it. */

import { at, type Floats, floats, map2 } from "./array.ts"
import { atr, movement } from "./true_range.ts"

interface Acceleration {
  readonly first: number
  readonly step: number
  readonly most: number
}

export interface ParabolicRule {
  /** Above 0: begin long at this stop; below 0: begin short at its size; 0: find out from the first two candles. */
  readonly start: number
  /** Share by which the stop moves away when it turns. */
  readonly offset: number
  readonly long: Acceleration
  readonly short: Acceleration
  /** Tell short stops as negative numbers, as TA-Lib's SAREXT does. */
  readonly negative: boolean
}

interface Stop {
  long: boolean
  stop: number
  extreme: number
  speed: number
}

const limited = ({ first, step, most }: Acceleration): Acceleration => ({
  first: Math.min(first, most),
  step: Math.min(step, most),
  most,
})

function firstStop(high: Floats, low: Floats, rule: ParabolicRule): Stop {
  const fell = movement(high.subarray(0, 2), low.subarray(0, 2), "minus")
  const long = rule.start === 0 ? at(fell, 0) <= 0 : rule.start > 0
  const given = rule.start === 0 ? at(long ? low : high, 0) : Math.abs(rule.start)
  const speed = (long ? rule.long : rule.short).first
  return { long, stop: given, extreme: at(long ? high : low, 1), speed }
}

/** Keep the stop out of the range of this candle and the one before it. */
const clear = (long: boolean, stop: number, a: number, b: number): number =>
  long ? Math.min(stop, a, b) : Math.max(stop, a, b)

/**
 * Parabolic stop and reverse (J. W. Wilder, 1978), with TA-Lib's way to begin. Shorter by 1.
 *
 * While it is long the stop stays under the lows, moves towards the highest high by `speed` of the distance, and turns
 * when it is touched; while it is short the other way round.
 */
export function parabolic(high: Floats, low: Floats, given: ParabolicRule): Floats {
  const out = floats(high.length - 1)
  if (out.length === 0) return out
  const rule = { ...given, long: limited(given.long), short: limited(given.short) }
  const state = firstStop(high, low, rule)
  for (let i = 1; i < high.length; i++) {
    const last = i === 1 ? 1 : i - 1
    const touched = state.long ? at(low, i) <= state.stop : at(high, i) >= state.stop
    if (touched) turn(state, rule, i, last, high, low)
    out[i - 1] = rule.negative && !state.long ? -state.stop : state.stop
    if (!touched) push(state, state.long ? rule.long : rule.short, at(state.long ? high : low, i))
    state.stop += state.speed * (state.extreme - state.stop)
    const guarded = state.long ? low : high
    state.stop = clear(state.long, state.stop, at(guarded, last), at(guarded, i))
  }
  return out
}

function turn(state: Stop, rule: ParabolicRule, i: number, last: number, high: Floats, low: Floats): void {
  state.long = !state.long
  const behind = state.long ? low : high
  const away = 1 + (state.long ? -rule.offset : rule.offset)
  state.stop = clear(state.long, state.extreme, at(behind, last), at(behind, i)) * away
  state.speed = (state.long ? rule.long : rule.short).first
  state.extreme = at(state.long ? high : low, i)
}

function push(state: Stop, rule: Acceleration, price: number): void {
  if (state.long ? price > state.extreme : price < state.extreme) {
    state.extreme = price
    state.speed = Math.min(state.speed + rule.step, rule.most)
  }
}

/**
 * SuperTrend (O. Seban): a band around the middle of the candle that only moves towards the price until a close breaks
 * it. It begins long, as TA-Lib's does. Shorter by `period`; `trend` is 1 or -1.
 */
export function supertrend(
  high: Floats,
  low: Floats,
  close: Floats,
  period: number,
  multiplier: number,
): { line: Floats; trend: Floats } {
  const range = atr(high, low, close, period)
  const middle = map2(high, low, (h, l) => (h + l) / 2)
  const [line, trend] = [floats(range.length), floats(range.length)]
  let [upper, lower, long] = [0, 0, true]
  for (let i = 0; i < range.length; i++) {
    const today = i + period
    const [top, bottom] = [
      at(middle, today) + multiplier * at(range, i),
      at(middle, today) - multiplier * at(range, i),
    ]
    const before = at(close, today - 1)
    if (i === 0 || top < upper || before > upper) upper = top
    if (i === 0 || bottom > lower || before < lower) lower = bottom
    if (i > 0) long = long ? at(close, today) >= lower : at(close, today) > upper
    line[i] = long ? lower : upper
    trend[i] = long ? 1 : -1
  }
  return { line, trend }
}
