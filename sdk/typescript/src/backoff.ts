/** How long to wait before trying again: longer each time, never at the same moment as everybody else. */

/** A random number from 0 to 1, of which 1 is never reached. */
export type Chance = () => number

/** Returns the pause before a further attempt (0: the first one); doubles, then half of it at random. */
export function pauseMs(attempt: number, firstMs: number, longestMs: number, chance: Chance): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30))
  return Math.floor(full / 2) + Math.floor(Math.floor(full * chance()) / 2)
}

/** Lets things happen at most once per interval. */
export class Pacer {
  /** When the next one may happen. */
  nextMs = 0

  constructor(private readonly intervalMs: number) {}

  /** Returns whether it may happen now, and counts it if so. */
  take(nowMs: number): boolean {
    if (nowMs < this.nextMs) return false
    this.nextMs = nowMs + this.intervalMs
    return true
  }
}
