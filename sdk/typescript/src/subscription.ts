/** One channel: whether what we keep of it is right, and if not, what is to be done about it and when. */

import { type Chance, pauseMs } from "./backoff.js"
import { BookBroken, WrongChecksum } from "./book.js"
import { Chain, type Message, type Step } from "./chain.js"
import { Book, type Fold, type Item, foldOf } from "./folds.js"
import type { Counts, Options } from "./options.js"

/**
 * Of one channel. `opening`: subscribed, without a snapshot so far; `healing`: what we keep is wrong, or may be;
 * it is not handed out.
 */
export type ChannelState = "opening" | "live" | "healing"

/** What a message changed. */
export interface News {
  readonly item: Item
  readonly snapshot: boolean
}

/** The state of one channel. It does no I/O and knows no clock: `nowMs` is given, monotonic. */
export class Subscription {
  readonly private: boolean
  readonly fold: Fold
  state: ChannelState = "opening"
  why = ""
  /** When to ask for the channel again. */
  dueMs: number | null = null
  /** Until when what was asked for must have come. */
  deadlineMs: number | null = null
  /** Whether the exchange has said that it is, on this connection. */
  subscribed = false
  #chain = new Chain()
  /** The highest sequence of this connection (private: of all) that was right: nothing older is shown. */
  #known = 0
  /** The same of all connections. */
  #seen: number | null = null
  #attempts = 0
  #liveSinceMs = 0

  constructor(
    readonly name: string,
    private readonly options: Options,
    private readonly counts: Counts,
    private readonly chance: Chance,
  ) {
    this.private = name.startsWith("user.")
    this.fold = foldOf(name, options.keep)
  }

  /** Whether what we keep is right, as far as anybody can know. */
  get live(): boolean {
    return this.state === "live"
  }

  /** For a private channel: the last sequence seen, to go on from. */
  get since(): number | null {
    return this.private ? this.#chain.sequence : null
  }

  /** Whether it was asked for again too often. */
  get hopeless(): boolean {
    return this.#attempts >= this.options.healLimit
  }

  /** Notes that the connection is gone. Private channels go on where they were, public ones begin anew. */
  disconnected(): void {
    this.state = "opening"
    this.dueMs = this.deadlineMs = null
    this.subscribed = false
    if (!this.private || this.hopeless) {
      this.#known = 0
      this.#forget()
    }
    this.#attempts = 0
  }

  /** Notes that the channel was asked for, by `subscribe` or `resync`. */
  asked(nowMs: number): void {
    this.dueMs = null
    this.deadlineMs = nowMs + this.options.answerMs
  }

  /** As `asked`, and counts it. */
  askedAgain(nowMs: number): void {
    this.#attempts += 1
    this.counts.resyncs += 1
    this.asked(nowMs)
  }

  /** Notes that the exchange has subscribed it. A private channel that knows its place goes on from it. */
  answered(nowMs: number): void {
    this.subscribed = true
    if (this.private && this.#chain.sequence !== null) this.#beLive(nowMs)
  }

  /** Hands out nothing any more, and has the channel asked for again: at once the first time, if that may be. */
  broken(nowMs: number, why: string, atOnce = true): void {
    if (this.live && nowMs - this.#liveSinceMs >= this.options.steadyMs) this.#attempts = 0
    this.state = "healing"
    this.why = why
    if (!this.private) this.#forget()
    this.deadlineMs = null
    this.dueMs = nowMs
    if (this.#attempts > 0 || !atOnce) {
      const { healFirstMs, healLongestMs } = this.options
      this.dueMs += pauseMs(Math.max(0, this.#attempts - 1), healFirstMs, healLongestMs, this.chance)
    }
  }

  /** Takes in a message; null: it is not news, or breaks the channel (`state`, `dueMs`). */
  take(message: Message, nowMs: number): News | null {
    const step = this.#chain.step(message)
    if (step === "old") this.counts.old += 1
    if (step === "gap" && (this.live || !this.private)) {
      this.counts.gaps += 1
      this.broken(nowMs, `after ${this.#chain.sequence} came ${message.previous}`)
    }
    if (step !== "snapshot" && step !== "next") return null
    if (step === "snapshot" && this.private && message.sequence < this.#known) {
      this.counts.old += 1
      return null // older than what we know; the one that was asked for is yet to come
    }
    return this.#fold(message, step, nowMs)
  }

  #fold(message: Message, step: Step, nowMs: number): News | null {
    const { sequence } = message
    const snapshot = step === "snapshot"
    const again = snapshot && this.#seen !== null && sequence !== this.#seen
    const item = this.#understood(message, again, nowMs)
    if (item === null) return null
    this.#chain.advance(message)
    if (item["missed"] === true) this.counts.missed += 1
    if (sequence < this.#known) {
      this.#rewound(nowMs)
      return null
    }
    this.#known = this.#seen = sequence
    this.#beLive(nowMs)
    return { item, snapshot }
  }

  #understood(message: Message, again: boolean, nowMs: number): Item | null {
    try {
      return this.fold.take(message, again)
    } catch (error) {
      if (error instanceof WrongChecksum) this.counts.wrongChecksums += 1
      const why = error instanceof BookBroken ? error.message : "a message that is not understood"
      this.broken(nowMs, why)
      return null
    }
  }

  /** Shows nothing that is older than what was shown: updates that lead on from here follow, or we ask. */
  #rewound(nowMs: number): void {
    if (!this.live) return
    this.state = "healing"
    this.why = "a snapshot went back in time"
    this.deadlineMs = nowMs + this.options.answerMs
  }

  #beLive(nowMs: number): void {
    if (!this.live) {
      this.state = "live"
      this.why = ""
      this.#liveSinceMs = nowMs
    }
    this.dueMs = this.deadlineMs = null
  }

  #forget(): void {
    this.#chain.forget()
    if (this.fold instanceof Book) this.fold.book.forget()
  }
}
