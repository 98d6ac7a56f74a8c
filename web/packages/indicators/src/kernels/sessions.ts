/** Days, weeks (from Monday) and months, in UTC. */

import { at, type Floats } from "./array.ts"

export const SESSIONS = ["day", "week", "month"] as const

const DAY_MS = 86_400_000
const days = (time: number): number => Math.floor(time / DAY_MS)

const NUMBERS: Readonly<Record<string, (time: number) => number>> = {
  day: days,
  week: (time) => Math.floor((days(time) + 3) / 7), // 1970-01-01 was a Thursday
  month: (time) => {
    const date = new Date(time)
    return date.getUTCFullYear() * 12 + date.getUTCMonth()
  },
}

/** Return where each session's first candle stands, oldest first; `time` in Unix milliseconds. */
export function sessionStarts(time: Floats, session: string): number[] {
  const numberOf = NUMBERS[session]
  if (numberOf === undefined) throw new RangeError(`no session ${session}`)
  const starts: number[] = []
  let last = Number.NaN
  for (let i = 0; i < time.length; i++) {
    const number = numberOf(at(time, i))
    if (number !== last) starts.push(i)
    last = number
  }
  return starts
}
