/** When to connect again: soon after a good connection, ever later after bad ones, spread after a restart. */

import { type Chance, pauseMs } from "./backoff.js"
import type { Options } from "./options.js"

const RESTARTS = 1012
/** Closed for what we did (too much, too slowly): come back later than others. */
const BLAMED: readonly (number | null)[] = [1008, 4008]
const BLAMED_ATTEMPTS = 3

/** The life of one connection after the other. */
export class Reconnecting {
  up = false
  stopped = true
  dueMs: number | null = null
  #attempts = 0
  #sinceMs = 0

  constructor(
    private readonly options: Options,
    private readonly chance: Chance,
  ) {}

  /** Wants a connection, at once. */
  start(nowMs: number): void {
    if (!this.stopped) return
    this.stopped = false
    this.dueMs = nowMs
  }

  /** Wants none any more. */
  stop(): void {
    this.up = false
    this.stopped = true
    this.dueMs = null
  }

  /** Returns whether to connect now; it is not due again before `lost`. */
  connectIsDue(nowMs: number): boolean {
    if (this.dueMs === null || nowMs < this.dueMs) return false
    this.dueMs = null
    return true
  }

  /** Notes that it is open. */
  opened(nowMs: number): void {
    this.up = true
    this.#sinceMs = nowMs
  }

  /** Notes that it is gone, or could not be made; sets when to try again. */
  lost(code: number | null, nowMs: number): void {
    const { steadyMs, restartSpreadMs, firstPauseMs, longestPauseMs } = this.options
    if (this.up && nowMs - this.#sinceMs >= steadyMs) this.#attempts = 0
    this.up = false
    if (BLAMED.includes(code)) this.#attempts = Math.max(this.#attempts, BLAMED_ATTEMPTS)
    const pause =
      code === RESTARTS && this.#attempts === 0
        ? Math.floor(restartSpreadMs * this.chance())
        : pauseMs(this.#attempts, firstPauseMs, longestPauseMs, this.chance)
    this.#attempts += 1
    this.dueMs = nowMs + pause
  }
}
