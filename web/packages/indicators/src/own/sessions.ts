/** Indicators that begin anew with a day, a week, a month, or at a moment that somebody chose. */

import type { Definition } from "../definition.ts"
import { at, type Floats, floats } from "../kernels/array.ts"
import { SESSIONS, sessionStarts } from "../kernels/sessions.ts"
import type { Series } from "../types.ts"
import { choice, dashed, line, lower, real, upper } from "./parameters.ts"

interface Prices {
  readonly vwap: Floats
  readonly deviation: Floats
}

/** Volume-weighted mean of the typical price and the deviation from it, beginning anew at each of `starts`. */
function weighted({ high, low, close, volume }: Series, starts: readonly number[]): Prices {
  const [vwap, deviation] = [floats(close.length).fill(Number.NaN), floats(close.length).fill(Number.NaN)]
  const begin = new Set(starts)
  const first = starts[0] ?? close.length
  let [traded, mean, squares] = [0, 0, 0]
  for (let i = first; i < close.length; i++) {
    if (begin.has(i)) [traded, mean, squares] = [0, 0, 0]
    const [price, size] = [(at(high, i) + at(low, i) + at(close, i)) / 3, at(volume, i)]
    traded += size
    if (traded === 0) continue
    const apart = price - mean
    mean += (apart * size) / traded // West's way of adding to a weighted variance (CACM, 1979)
    squares += size * apart * (price - mean)
    vwap[i] = mean
    deviation[i] = Math.sqrt(Math.max(0, squares / traded))
  }
  return { vwap, deviation }
}

function banded({ vwap, deviation }: Prices, deviations: number): readonly Floats[] {
  const band = (sign: 1 | -1) => vwap.map((price, i) => price + sign * deviations * at(deviation, i))
  return [band(1), vwap, band(-1)]
}

const BAND = real("deviations", 1, 0, 10, 0.5)
const BANDS = [upper("upperband"), line("vwap"), lower("lowerband")]

/** Volume-weighted average price of a session (in UTC), with bands some weighted deviations away. */
const session: Definition = {
  name: "vwap_session",
  group: "volume",
  pane: "price",
  parameters: [choice("session", SESSIONS), BAND],
  outputs: BANDS,
  compute: (series, p) => banded(weighted(series, sessionStarts(series.time, p.t("session"))), p.n("deviations")),
}

/** Volume-weighted average price since a moment (B. Shannon's anchored VWAP), with bands. */
const anchored: Definition = {
  name: "vwap_anchored",
  group: "volume",
  pane: "price",
  parameters: [{ key: "anchor", kind: "time", default: 0 }, BAND],
  outputs: BANDS,
  compute: (series, p) => {
    const start = series.time.findIndex((time) => time >= p.n("anchor"))
    return banded(weighted(series, start < 0 ? [] : [start]), p.n("deviations"))
  },
}

const KINDS = ["classic", "fibonacci", "woodie"] as const
const LEVELS = ["r3", "r2", "r1", "pivot", "s1", "s2", "s3"] as const

/** Return the levels in the order of LEVELS from a finished session's high, low and close. */
function levels(kind: string, high: number, low: number, close: number): readonly number[] {
  const pivot = kind === "woodie" ? (high + low + 2 * close) / 4 : (high + low + close) / 3
  const range = high - low
  if (kind === "fibonacci") {
    const steps = [1, 0.618, 0.382].map((share) => share * range)
    return [...steps.map((step) => pivot + step), pivot, ...steps.toReversed().map((step) => pivot - step)]
  }
  return [
    high + 2 * (pivot - low),
    pivot + range,
    2 * pivot - low,
    pivot,
    2 * pivot - high,
    pivot - range,
    low - 2 * (high - pivot),
  ]
}

/** Pivot points: support and resistance from the session before ("classic": floor traders'; Woodie's; Fibonacci's). */
const pivots: Definition = {
  name: "pivots",
  group: "overlap",
  pane: "price",
  parameters: [choice("session", SESSIONS), choice("kind", KINDS)],
  outputs: LEVELS.map((key) => ({ ...(key === "pivot" ? line(key) : dashed(key)), stepped: true })),
  compute: ({ time, high, low, close }, p) => {
    const out = LEVELS.map(() => floats(time.length).fill(Number.NaN))
    const starts = sessionStarts(time, p.t("session"))
    for (let k = 1; k < starts.length; k++) {
      const [from, to] = [starts[k - 1] as number, starts[k] as number]
      const top = high.subarray(from, to).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
      const bottom = low.subarray(from, to).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
      const found = levels(p.t("kind"), top, bottom, at(close, to - 1))
      for (const [index, column] of out.entries()) column.fill(found[index] as number, to, starts[k + 1])
    }
    return out
  },
}

export const ownSessions: readonly Definition[] = [session, anchored, pivots]
