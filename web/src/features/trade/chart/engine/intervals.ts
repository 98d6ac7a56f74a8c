/** The 13 lengths of a candle: names as in the API, UTC, weeks from Monday. */

import type { Period } from "klinecharts"

export const INTERVALS = ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w"] as const
export type Interval = (typeof INTERVALS)[number]

const UNITS = {
  s: { ms: 1_000, type: "second" },
  m: { ms: 60_000, type: "minute" },
  h: { ms: 3_600_000, type: "hour" },
  d: { ms: 86_400_000, type: "day" },
  w: { ms: 604_800_000, type: "week" },
} as const

/** 1970-01-05, the first Monday after the epoch. */
const FIRST_MONDAY_MS = 4 * UNITS.d.ms

export function isInterval(value: unknown): value is Interval {
  return INTERVALS.some((each) => each === value)
}

function parts(interval: Interval): { span: number; unit: (typeof UNITS)[keyof typeof UNITS] } {
  return { span: Number(interval.slice(0, -1)), unit: UNITS[interval.slice(-1) as keyof typeof UNITS] }
}

/** How long a candle of this interval is, in milliseconds. */
export function lengthMs(interval: Interval): number {
  const { span, unit } = parts(interval)
  return span * unit.ms
}

/** The same for the chart library. */
export function periodOf(interval: Interval): Period {
  const { span, unit } = parts(interval)
  return { type: unit.type, span }
}

/** When the candle opens that holds this moment; both Unix milliseconds. */
export function opensAt(interval: Interval, timeMs: number): number {
  const length = lengthMs(interval)
  const origin = interval === "1w" ? FIRST_MONDAY_MS : 0
  return Math.floor((timeMs - origin) / length) * length + origin
}
