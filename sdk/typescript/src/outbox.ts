/** What is to be done, in order: messages to send, with the answers that are awaited, and events to tell. */

import type { Item } from "./folds.js"
import type { ChannelState } from "./subscription.js"

/** closed, connecting, healing (some channel is not right), live (all are), stale (nothing was heard for a while). */
export type ConnectionState = "closed" | "connecting" | "healing" | "live" | "stale"

/** What the application is told; sdk/README.md says what `news` holds of which channel. */
export type Event =
  | { type: "connection"; state: ConnectionState; why: string }
  | { type: "channel"; channel: string; state: ChannelState; why: string }
  | { type: "data"; channel: string; sequence: number; snapshot: boolean; news: Item }
  | { type: "ended"; channel: string; code: string | null; detail: string | null }

/** What the transport is to do. */
export type Action =
  | { do: "connect" }
  | { do: "send"; message: Item }
  | { do: "close"; reason: string }
  | { do: "token" }
  | { do: "tell"; event: Event }

/** A message that an answer is awaited to. */
export interface Request {
  readonly op: string
  readonly channels: readonly string[]
  readonly sentMs: number
}

/** Actions that wait for the transport, and requests that wait for the exchange. */
export class Outbox {
  #actions: Action[] = []
  #requests = new Map<number, Request>()
  #nextId = 0

  /** Adds an action. */
  do(action: Action): void {
    this.#actions.push(action)
  }

  /** Adds an event for the application. */
  tell(event: Event): void {
    this.do({ do: "tell", event })
  }

  /** Adds a message; fields that are null are left out. */
  send(op: string, channels: readonly string[], nowMs: number, fields: Item = {}): void {
    this.#nextId += 1
    this.#requests.set(this.#nextId, { op, channels, sentMs: nowMs })
    const message: Item = { op, id: this.#nextId }
    if (op === "resync") message["channel"] = channels[0]
    else if (channels.length > 0) message["channels"] = channels
    for (const [name, value] of Object.entries(fields)) if (value !== null) message[name] = value
    this.do({ do: "send", message })
  }

  /** Returns what is to be done, in this order, and forgets it. */
  drain(): Action[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  /** Returns the request that an answer is to; null: there is none. */
  answered(id: unknown): Request | null {
    const request = this.#requests.get(id as number)
    this.#requests.delete(id as number)
    return request ?? null
  }

  /** The request that waits for the longest. */
  get oldest(): Request | null {
    return this.#requests.values().next().value ?? null
  }

  /** Awaits no answer any more. */
  disconnected(): void {
    this.#requests.clear()
  }
}
