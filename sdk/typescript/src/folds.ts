/** What a client keeps of each kind of channel, and what of a message is news to it. */

import { type BookView, LocalBook } from "./book.js"
import type { Message } from "./chain.js"

/** A row of a list, or the news of a message: named fields. */
export type Item = Record<string, unknown>

/** Fields that every message has; the rest is of its kind. */
const HEAD = new Set(["channel", "type", "sequence", "previous", "time"])
/** Statuses of orders that can still trade. */
const OPEN = new Set<unknown>(["open", "partially_filled", "pending_trigger"])
/** Channels of all markets, and the field that holds the list. */
const BY_MARKET: Readonly<Record<string, string>> = { tickers: "tickers", status: "markets" }

/** State made of a channel's messages. The order of messages is somebody else's care (subscription.ts). */
export interface Fold {
  /**
   * Takes in the next message; returns what is news, for the application.
   * `again` is set on a snapshot that comes after other messages: part of it is known, and `missed` in the answer
   * says whether something between was lost.
   */
  take(message: Message, again: boolean): Item
  /** Returns the state as it stands; what is returned does not change any more. */
  value(): unknown
}

/** Channels whose every message is the whole state: tickers, best bid and offer, and kinds we do not know. */
class Latest implements Fold {
  #value: Item | null = null

  take(message: Message): Item {
    this.#value = Object.fromEntries(Object.entries(message).filter(([name]) => !HEAD.has(name)))
    return this.#value
  }

  value(): Item | null {
    return this.#value
  }
}

type Key = string | number

function byOrder(one: Key, other: Key): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** Lists of which an update holds the rows that changed: all tickers, markets' status, balances, candles. */
class Rows implements Fold {
  #rows = new Map<Key, Item>()

  /** Keeps the rows of `field` by their `key`; only the `keep` highest keys, if given. */
  constructor(
    private readonly field: string,
    private readonly key: string,
    private readonly keep: number = Infinity,
  ) {}

  take(message: Message): Item {
    if (message.type === "snapshot") this.#rows = new Map()
    const rows = message[this.field] as Item[]
    for (const row of rows) this.#rows.set(row[this.key] as Key, row)
    const surplus = this.#rows.size - this.keep
    if (surplus > 0) for (const key of this.#keys().slice(0, surplus)) this.#rows.delete(key)
    return { [this.field]: rows }
  }

  value(): Item[] {
    return this.#keys().map((key) => this.#rows.get(key) as Item)
  }

  #keys(): Key[] {
    return [...this.#rows.keys()].sort(byOrder)
  }
}

type Columns = Record<string, (number | null)[]>

/** Values of an indicator by time: `times`, and by output a list of `values` beside them. */
class Series implements Fold {
  #rows = new Map<number, Record<string, number | null>>()
  #outputs: string[] = []

  constructor(private readonly keep: number) {}

  take(message: Message): Item {
    if (message.type === "snapshot") this.#rows = new Map()
    const times = message["times"] as number[]
    const values = message["values"] as Columns
    this.#outputs = Object.keys(values)
    for (const [at, time] of times.entries()) {
      const row = Object.entries(values).map(([name, column]) => [name, column[at] ?? null] as const)
      this.#rows.set(time, Object.fromEntries(row))
    }
    const surplus = this.#rows.size - this.keep
    if (surplus > 0) for (const time of this.#times().slice(0, surplus)) this.#rows.delete(time)
    return { times, values }
  }

  value(): Item {
    const times = this.#times()
    const column = (name: string): unknown[] => times.map((time) => this.#rows.get(time)?.[name] ?? null)
    return { times, values: Object.fromEntries(this.#outputs.map((name) => [name, column(name)])) }
  }

  #times(): number[] {
    return [...this.#rows.keys()].sort(byOrder)
  }
}

interface Trade extends Item {
  trade_id: number
}

/** The latest trades, oldest first, none twice. */
class Trades implements Fold {
  #trades: Trade[] = []
  #last = 0

  constructor(private readonly keep: number) {}

  /** Adds those that are new. A snapshot that begins after what we know may have left some out. */
  take(message: Message, again: boolean): Item {
    const trades = message["trades"] as Trade[]
    const last = this.#last
    const oldest = trades[0]
    const missed = again && (oldest === undefined || oldest.trade_id > last)
    const fresh = trades.filter((trade) => trade.trade_id > last)
    this.#last = fresh.at(-1)?.trade_id ?? last
    this.#trades = [...(missed ? [] : this.#trades), ...fresh].slice(-this.keep)
    return { trades: fresh, missed }
  }

  value(): Trade[] {
    return this.#trades
  }
}

interface Order extends Item {
  id: number
}

interface Fill extends Item {
  trade_id: number
  order_id: number
}

/** Own open orders, and own fills, none twice. */
class Orders implements Fold {
  #open = new Map<number, Order>()
  #fills: Fill[] = []
  #known = new Set<string>()

  constructor(private readonly keep: number) {}

  /** Takes orders as they stand now, and fills that are new. Snapshots hold no fills: some may be missed. */
  take(message: Message, again: boolean): Item {
    const orders = message["orders"] as Order[]
    if (message.type === "snapshot") this.#open = new Map()
    for (const order of orders) {
      if (OPEN.has(order["status"])) this.#open.set(order.id, order)
      else this.#open.delete(order.id)
    }
    const fills = (message["fills"] as Fill[]).filter((fill) => this.#isNew(fill))
    return { orders, fills, missed: again }
  }

  value(): Item {
    const orders = [...this.#open.values()].sort((one, other) => one.id - other.id)
    return { orders, fills: [...this.#fills] }
  }

  #isNew(fill: Fill): boolean {
    const key = keyOf(fill)
    if (this.#known.has(key)) return false
    this.#known.add(key)
    this.#fills.push(fill)
    const oldest = this.#fills.length > this.keep ? this.#fills.shift() : undefined
    if (oldest) this.#known.delete(keyOf(oldest))
    return true
  }
}

function keyOf(fill: Fill): string {
  return `${fill.trade_id}/${fill.order_id}`
}

/** An order book. It checks its chain by itself, too: it is also used alone. */
export class Book implements Fold {
  readonly book: LocalBook

  /** A name with a pace is one of the best levels, all of them in every message. */
  constructor(channel: string) {
    this.book = new LocalBook(channel, channel.includes("@"))
  }

  /** Takes in the levels that changed; throws BookBroken when the book is another one than the exchange's. */
  take(message: Message): Item {
    this.book.apply(message)
    return { bids: message["bids"], asks: message["asks"] }
  }

  value(): BookView {
    return this.book.view()
  }
}

/** Returns what is kept of a channel, by its name. */
export function foldOf(channel: string, keep: number): Fold {
  const kind = channel.split(".", 1)[0] ?? ""
  const field = BY_MARKET[kind]
  if (kind === "orderbook") return new Book(channel)
  if (kind === "trades") return new Trades(keep)
  if (kind === "candles") return new Rows("candles", "time", keep)
  if (kind === "indicators") return new Series(keep)
  if (field !== undefined) return new Rows(field, "market")
  if (channel === "user.orders") return new Orders(keep)
  if (channel === "user.balances") return new Rows("balances", "asset")
  return new Latest()
}
