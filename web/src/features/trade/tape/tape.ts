/** What the tape shows, and when it stands still. */

import type { Trade } from "@cse/core"

export interface Tape {
  trades: readonly Trade[]
  /** Trades that came while it was held. */
  waiting: number
  /** The stream has no right tape at the moment. */
  behind: boolean
}

/** Before the first answer. */
export const START: Tape = { trades: [], waiting: 0, behind: true }

/** What is shown next: all that is kept, or what stood there with the count of what waits. */
export function next(was: Tape, kept: readonly Trade[] | null, held: boolean): Tape {
  if (kept === null) return { ...was, behind: true }
  const newest = was.trades[0]?.trade_id ?? 0
  if (held && newest > 0) {
    const waiting = kept.filter((trade) => trade.trade_id > newest).length
    return { ...was, waiting, behind: false }
  }
  return { trades: kept.toReversed(), waiting: 0, behind: false }
}
