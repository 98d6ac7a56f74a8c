/** Whether anybody is there: pings, how long their answers take, and silence. */

import type { Counts, Options } from "./options.js"

/** Of one connection. Every message counts as a sign of life. */
export class Heartbeat {
  #heardMs = 0
  #pingDueMs = 0

  constructor(
    private readonly options: Options,
    private readonly counts: Counts,
  ) {}

  /** Begins with a new connection. */
  begin(nowMs: number): void {
    this.#heardMs = this.#pingDueMs = nowMs
  }

  /** Notes a sign of life. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs
  }

  /** Notes a ping's answer. */
  answered(sentMs: number, nowMs: number): void {
    this.counts.latencyMs = nowMs - sentMs
  }

  /** Returns whether to send a ping now, and counts it as sent if so. */
  pingIsDue(nowMs: number): boolean {
    if (nowMs < this.#pingDueMs) return false
    this.#pingDueMs = nowMs + this.options.pingMs
    return true
  }

  /** Returns whether it has been silent for too long to trust it. */
  stale(nowMs: number): boolean {
    return nowMs - this.#heardMs >= this.options.staleMs
  }

  /** Returns whether it has been silent for too long to wait on. */
  dead(nowMs: number): boolean {
    return nowMs - this.#heardMs >= this.options.deadMs
  }

  /** Returns when to look again. */
  wakeMs(nowMs: number): number {
    const limit = this.stale(nowMs) ? this.options.deadMs : this.options.staleMs
    return Math.min(this.#pingDueMs, this.#heardMs + limit)
  }
}
