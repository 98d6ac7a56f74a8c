/** An order book kept from snapshot and updates, checked by sequence and checksum. */

import { Chain, type Message, type Step } from "./chain.js"
import { crc32 } from "./crc32.js"
import { BadNumber, decimals, digits } from "./decimals.js"

/** Of each side; docs/reference/websocket.md of the exchange. */
export const CHECKED_LEVELS = 10

/** Price and quantity, as the exchange prints them. */
export type Level = readonly [price: string, quantity: string]

/** The book differs from the exchange's, or may: ask for a resync. Not to be used until a snapshot came. */
export class BookBroken extends Error {}

/** Nothing is missing, and yet the book is another one. */
export class WrongChecksum extends BookBroken {}

/** A book as it stood after one message; it never changes. Best levels first. */
export interface BookView {
  readonly channel: string
  readonly sequence: number
  readonly timeMs: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** Levels of one side by the digits of their prices, kept in order, upward. */
class Side {
  #levels = new Map<bigint, Level>()
  #keys: bigint[] = []

  constructor(readonly upward: boolean) {}

  /** Puts a level, null takes it away. */
  set(price: bigint, level: Level | null): void {
    const known = this.#levels.has(price)
    if (level !== null) {
      this.#levels.set(price, level)
      if (!known) this.#keys.splice(this.#place(price), 0, price)
    } else if (known) {
      this.#levels.delete(price)
      this.#keys.splice(this.#place(price), 1)
    }
  }

  /** Returns the best `depth` levels, best first. */
  best(depth: number = Infinity): Level[] {
    const count = Math.min(depth, this.#keys.length)
    const length = this.#keys.length
    const keys = this.upward ? this.#keys.slice(0, count) : this.#keys.slice(length - count).reverse()
    return keys.map((key) => this.#levels.get(key) as Level)
  }

  /** Where a price stands, or would. */
  #place(price: bigint): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#keys[middle] as bigint) < price) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** One market's book. While `ready` is false there is no book: nothing of it is handed out. */
export class LocalBook {
  ready = false
  timeMs = 0
  #chain = new Chain()
  #decimals: number | null = null
  #bids = new Side(false)
  #asks = new Side(true)

  /**
   * Begins without a book; `name` is for messages of errors.
   * `whole`: every message holds all levels (`orderbook.M.20@100ms`), not only those that changed.
   */
  constructor(
    readonly name: string,
    private readonly whole: boolean = false,
  ) {}

  /** The last message's; 0 before the first snapshot and after a break. */
  get sequence(): number {
    return this.#chain.sequence ?? 0
  }

  /** Returns the best `depth` levels of each side, or all. Throws BookBroken when there is no right book now. */
  view(depth?: number): BookView {
    if (!this.ready) throw new BookBroken(`${this.name}: there is no right book now`)
    const { sequence, timeMs, name: channel } = this
    return { channel, sequence, timeMs, bids: this.#bids.best(depth), asks: this.#asks.best(depth) }
  }

  /**
   * Takes in a message of the orderbook channel; old and early ones change nothing.
   * Throws BookBroken at a gap, a wrong checksum or nonsense; the book is gone until the next snapshot.
   */
  apply(message: Message): Step {
    const step = this.#chain.step(message)
    if (step === "old" || step === "early") return step
    if (step === "gap") {
      const known = this.sequence
      this.forget()
      throw new BookBroken(`${this.name}: after ${known} came ${message.previous}`)
    }
    if (step === "snapshot" || this.whole) this.forget()
    try {
      this.#change(this.#bids, message["bids"] as Level[])
      this.#change(this.#asks, message["asks"] as Level[])
    } catch (error) {
      this.forget()
      const why = error instanceof BadNumber ? error.message : "a message that is not understood"
      throw new BookBroken(`${this.name}: ${why}`)
    }
    this.#chain.advance(message)
    this.timeMs = message.time
    this.#check(message)
    this.ready = true
    return step
  }

  /** Has no book until the next snapshot. */
  forget(): void {
    this.ready = false
    this.#chain.forget()
    this.#decimals = null
    this.#bids = new Side(false)
    this.#asks = new Side(true)
  }

  /** CRC-32 over the best ten levels of each side, as the exchange computes it. */
  checksum(): number {
    const levels = [...this.#bids.best(CHECKED_LEVELS), ...this.#asks.best(CHECKED_LEVELS)]
    return crc32(levels.map(([price, quantity]) => `${price}:${quantity}`).join("|"))
  }

  #check(message: Message): void {
    if (message["checksum"] === this.checksum()) return
    this.forget()
    throw new WrongChecksum(`${this.name}: the checksum after ${message.sequence} is another one`)
  }

  #change(side: Side, levels: readonly Level[]): void {
    for (const [price, quantity] of levels) {
      if (this.#decimals === null) this.#decimals = decimals(price)
      else if (decimals(price) !== this.#decimals) {
        throw new BadNumber(`the price ${price} has not ${this.#decimals} decimals as the others`)
      }
      side.set(digits(price), digits(quantity) ? [price, quantity] : null)
    }
  }
}
