/** How messages of a channel follow each other: each names the `sequence` of the one before it as `previous`. */

/** A message of a channel, decoded from JSON. */
export interface Message {
  channel: string
  type: "snapshot" | "update"
  sequence: number
  previous: number | null
  time: number
  [field: string]: unknown
}

/** So many messages in a row that claim to be old are no duplicates: our own number is wrong. */
export const OLD_IN_A_ROW = 32

/**
 * What a message is to a client that knows the channel up to a sequence. `old`: known already, a duplicate or a
 * late copy; `early`: an update that came before the snapshot it goes on from, to be passed over.
 */
export type Step = "snapshot" | "next" | "old" | "gap" | "early"

/** The last sequence of a channel, and what a message is after it. */
export class Chain {
  /** Null: a snapshot is waited for. */
  sequence: number | null = null
  #old = 0

  /** Says what a message is; changes nothing but the count of old ones. */
  step(message: Message): Step {
    if (message.type === "snapshot") return "snapshot"
    if (this.sequence === null) return "early"
    if (message.previous === this.sequence) return "next"
    if (message.sequence > this.sequence) return "gap"
    this.#old += 1
    return this.#old <= OLD_IN_A_ROW ? "old" : "gap"
  }

  /** Goes on from this message. */
  advance(message: Message): void {
    this.sequence = message.sequence
    this.#old = 0
  }

  /** Waits for a snapshot. */
  forget(): void {
    this.sequence = null
    this.#old = 0
  }
}
