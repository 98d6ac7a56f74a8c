/**
 * One connection for the whole app, over the reference client of `sdk/typescript`: it keeps books right by sequence
 * and checksum, heals gaps and comes back by itself. Here channels are counted, so that each is subscribed once.
 */

import { type BookView, Client, type ConnectionState, type Counts, type Event, type Socket } from "@cs-exchange/stream"

export interface LiveSettings {
  url: string
  /** Brings a token that is good now; null for nobody. */
  token: () => Promise<string | null>
  /** The sub-account that private channels are about; null: the person's first account. */
  account?: () => number | null
  connect?: (url: string) => Socket
}

/** How long a channel is kept after its last user left, ms: pages change faster than subscriptions are worth. */
const LINGER_MS = 2_000

export class Live {
  #client: Client
  readonly #users = new Map<string, number>()
  readonly #leaving = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #byChannel = new Map<string, Set<(event: Event) => void>>()
  readonly #onConnection = new Set<() => void>()

  constructor(private readonly settings: LiveSettings) {
    this.#client = this.#connected()
  }

  start(): void {
    this.#client.start()
  }

  stop(): void {
    this.#client.stop()
  }

  /** Begins a new connection as whoever is logged in now; what was kept of private channels is forgotten. */
  renew(): void {
    const before = this.#client
    this.#client = this.#connected()
    before.stop()
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    this.#leaving.clear()
    const channels = [...this.#users.keys()]
    for (const channel of channels) this.#hear({ type: "channel", channel, state: "opening", why: "renewed" })
    if (channels.length > 0) this.#client.subscribe(...channels)
    this.#client.start()
  }

  get state(): ConnectionState {
    return this.#client.state
  }

  get counts(): Readonly<Counts> {
    return this.#client.counts
  }

  /** Keeps a channel and calls `listener` with its events, until what is returned is called. */
  use(channel: string, listener: (event: Event) => void): () => void {
    const listeners = this.#byChannel.get(channel) ?? new Set()
    this.#byChannel.set(channel, listeners.add(listener))
    this.#enter(channel)
    let used = true
    return () => {
      if (!used) return
      used = false
      listeners.delete(listener)
      this.#leave(channel)
    }
  }

  /** Calls `listener` when the connection's state changes; returns what ends that. */
  onConnection(listener: () => void): () => void {
    this.#onConnection.add(listener)
    return () => void this.#onConnection.delete(listener)
  }

  /** The best levels of an `orderbook` channel; null while it is not right. */
  book(channel: string, depth?: number): BookView | null {
    return this.#client.book(channel, depth)
  }

  /** What is kept of a channel; null while it is not right. */
  value(channel: string): unknown {
    return this.#client.value(channel)
  }

  #connected(): Client {
    const open = this.settings.connect ?? ((url) => new WebSocket(url) as unknown as Socket)
    const client: Client = new Client(this.settings.url, {
      connect: (url) => naming(open(url), this.settings.account ?? (() => null)),
      token: this.settings.token,
      onEvent: (event) => {
        if (client === this.#client) this.#hear(event)
      },
    })
    return client
  }

  #enter(channel: string): void {
    const count = this.#users.get(channel) ?? 0
    this.#users.set(channel, count + 1)
    const leaving = this.#leaving.get(channel)
    if (leaving !== undefined) clearTimeout(leaving)
    this.#leaving.delete(channel)
    if (count === 0 && leaving === undefined) this.#client.subscribe(channel)
  }

  #leave(channel: string): void {
    const count = (this.#users.get(channel) ?? 1) - 1
    this.#users.set(channel, count)
    if (count > 0) return
    this.#users.delete(channel)
    const gone = setTimeout(() => {
      this.#leaving.delete(channel)
      this.#byChannel.delete(channel)
      this.#client.unsubscribe(channel)
    }, LINGER_MS)
    this.#leaving.set(channel, gone)
  }

  #hear(event: Event): void {
    if (event.type === "connection") for (const listener of this.#onConnection) listener()
    else for (const listener of this.#byChannel.get(event.channel) ?? []) listener(event)
  }
}

/** Lets log-ins over a socket say which sub-account they are about (docs/reference/websocket.md, `auth`). */
function naming(socket: Socket, account: () => number | null): Socket {
  const send = socket.send.bind(socket)
  socket.send = (text) => {
    const accountId = text.includes('"auth"') ? account() : null
    if (accountId === null) return send(text)
    const message = JSON.parse(text) as { op: string }
    send(message.op === "auth" ? JSON.stringify({ ...message, account: accountId }) : text)
  }
  return socket
}
