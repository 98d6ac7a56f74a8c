/** Saying who we are: with a token that the application brings, again when it has run out. */

import { type Chance, pauseMs } from "./backoff.js"
import type { Options } from "./options.js"

/**
 * How far the log-in of the present connection is. `asked`: the application was asked for a token;
 * `pause`: the last token was refused, or there was none.
 */
export type Stage = "out" | "asked" | "sent" | "in" | "pause"

/** Tokens and their ends. It decides; protocol.ts sends. */
export class Login {
  stage: Stage = "out"
  token: string | null = null
  dueMs: number | null = null
  #attempts = 0

  constructor(
    private readonly options: Options,
    private readonly chance: Chance,
  ) {}

  /** Begins anew, with the token that we have. */
  disconnected(): void {
    if (this.stage !== "asked") this.stage = "out"
    this.dueMs = null
  }

  /** Returns whether to log in now: nobody is asked, no pause is on, and we are not in. */
  isDue(nowMs: number): boolean {
    if (this.dueMs !== null && nowMs >= this.dueMs) {
      this.dueMs = null
      this.stage = "out"
    }
    return this.stage === "out"
  }

  /** Notes that the token is no good any more. */
  expired(): void {
    if (this.stage === "sent" || this.stage === "in") {
      this.token = null
      this.stage = "out"
    }
  }

  /** Takes the application's answer; null: it has no token now. */
  came(token: string | null, nowMs: number): void {
    this.token = token
    if (token === null) this.refused(nowMs)
    else this.stage = "out"
  }

  /** Asks for another token after a pause. */
  refused(nowMs: number): void {
    const { firstPauseMs, longestPauseMs } = this.options
    this.token = null
    this.stage = "pause"
    this.dueMs = nowMs + pauseMs(this.#attempts, firstPauseMs, longestPauseMs, this.chance)
    this.#attempts += 1
  }

  /** Notes that the exchange knows us. */
  accepted(): void {
    this.stage = "in"
    this.#attempts = 0
  }
}
