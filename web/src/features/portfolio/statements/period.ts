/** Periods of statements and tax years, in UTC as the exchange counts them. Both ends Unix ms; `to` is not in it. */

export interface Period {
  from: number
  to: number
}

const DAY_MS = 86_400_000
/** What one statement may span (docs/reference/portfolio.md). */
const LONGEST_DAYS = 366

export type Refused = "missing" | "backwards" | "long"

/** "2026-11" for a time. */
export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7)
}

/** The newest `count` months until now, newest first: "2026-11", "2026-10". */
export function monthsUntil(nowMs: number, count: number): readonly string[] {
  const now = new Date(nowMs)
  return Array.from({ length: count }, (_, back) => monthOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)))
}

/** From the first of a month ("2026-11") to the first of the next. */
export function monthPeriod(month: string): Period {
  const [year = 1970, number = 1] = month.split("-").map(Number)
  return { from: Date.UTC(year, number - 1, 1), to: Date.UTC(year, number, 1) }
}

/** From the beginning of one day ("2026-11-05") to the end of another. */
export function daysPeriod(first: string, last: string): Period | { refused: Refused } {
  const [from, until] = [Date.parse(`${first}T00:00:00Z`), Date.parse(`${last}T00:00:00Z`)]
  if (Number.isNaN(from) || Number.isNaN(until)) return { refused: "missing" }
  if (until < from) return { refused: "backwards" }
  const to = until + DAY_MS
  return (to - from) / DAY_MS > LONGEST_DAYS ? { refused: "long" } : { from, to }
}
