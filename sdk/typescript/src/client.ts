/** The client for browsers (or anything with their WebSocket): a socket around protocol.ts. */

import type { BookView } from "./book.js"
import { Book } from "./folds.js"
import type { Counts, Options } from "./options.js"
import type { Action, ConnectionState, Event } from "./outbox.js"
import { Protocol } from "./protocol.js"

/** What the client needs of a WebSocket; the browser's own is one. */
export interface Socket {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
  onerror: ((event: unknown) => void) | null
  send(text: string): void
  close(): void
}

/** What a client may be given; all of it has a default but the place to connect to. */
export interface ClientSettings {
  /** Opens a connection: `(url) => new WebSocket(url)`. */
  connect: (url: string) => Socket
  /** Brings an access token that is good now; asked at the beginning and when the last one was refused. */
  token?: () => Promise<string | null>
  onEvent?: (event: Event) => void
  options?: Partial<Options>
  /** Milliseconds, monotonic. */
  clock?: () => number
  setTimer?: (call: () => void, ms: number) => unknown
  clearTimer?: (timer: unknown) => void
}

declare const performance: { now(): number }
declare function setTimeout(call: () => void, ms: number): unknown
declare function clearTimeout(timer: unknown): void

/** How long a connection may take to be made, in milliseconds. */
const OPEN_MS = 10_000

/** Keeps channels of the exchange over reconnects, from `start` to `stop`. */
export class Client {
  readonly #protocol: Protocol
  readonly #listeners = new Set<(event: Event) => void>()
  #socket: Socket | null = null
  #timer: unknown = null
  #timerMs = Infinity
  #opening: unknown = null

  /** Follows the exchange at `url` (ws://host:port/ws); nothing is sent yet. */
  constructor(
    readonly url: string,
    private readonly settings: ClientSettings,
  ) {
    this.#protocol = new Protocol(settings.options ?? {}, Math.random)
    if (settings.onEvent) this.#listeners.add(settings.onEvent)
  }

  /** Begins to connect. */
  start(): void {
    this.#protocol.start(this.#nowMs())
    this.#act()
  }

  /** Ends the connection and everything that runs. */
  stop(): void {
    this.#protocol.stop(this.#nowMs())
    this.#act()
    this.#drop()
    this.#clear(this.#timer)
    this.#timer = null
  }

  /** Keeps these channels from now on, over every reconnect. */
  subscribe(...channels: string[]): void {
    this.#protocol.subscribe(channels, this.#nowMs())
    this.#act()
  }

  /** Keeps these no longer. */
  unsubscribe(...channels: string[]): void {
    this.#protocol.unsubscribe(channels, this.#nowMs())
    this.#act()
  }

  /** Calls `listener` with every event from now on; returns what ends that. */
  listen(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get state(): ConnectionState {
    return this.#protocol.state
  }

  get counts(): Readonly<Counts> {
    return this.#protocol.counts
  }

  /** Returns the best `depth` levels (or all) of an `orderbook` channel; null while it is not right. */
  book(channel: string, depth?: number): BookView | null {
    const found = this.#protocol.get(channel)
    return found?.fold instanceof Book ? found.fold.book.view(depth) : null
  }

  /** Returns what is kept of a channel; null while it is not right. sdk/README.md says what of which. */
  value(channel: string): unknown {
    return this.#protocol.get(channel)?.fold.value() ?? null
  }

  // --- inside

  /** Does what the protocol asks, and sees to it that it is woken. */
  #act(): void {
    for (const action of this.#protocol.drain()) this.#obey(action)
    this.#wakeLater()
  }

  #obey(action: Action): void {
    if (action.do === "tell") for (const listener of [...this.#listeners]) listener(action.event)
    else if (action.do === "send") this.#socket?.send(JSON.stringify(action.message))
    else if (action.do === "connect") this.#connect()
    else if (action.do === "close") this.#drop()
    else void this.#bringToken()
  }

  #connect(): void {
    const socket = this.settings.connect(this.url)
    this.#socket = socket
    this.#opening = this.#later(() => this.#lost(socket, null, "it took too long to connect"), OPEN_MS)
    socket.onopen = () => {
      this.#clear(this.#opening)
      this.#do(() => this.#protocol.opened(this.#nowMs()))
    }
    socket.onmessage = ({ data }) => this.#do(() => this.#protocol.received(decode(data), this.#nowMs()))
    socket.onclose = ({ code, reason }) => this.#lost(socket, code, reason)
    socket.onerror = () => undefined // a close follows
  }

  #lost(socket: Socket, code: number | null, reason: string): void {
    if (socket !== this.#socket) return
    this.#drop()
    this.#do(() => this.#protocol.closed(code, reason, this.#nowMs()))
  }

  /** Lets go of the socket: what it still brings is not listened to. */
  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    this.#clear(this.#opening)
    if (socket === null) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  async #bringToken(): Promise<void> {
    let token: string | null = null
    try {
      token = (await this.settings.token?.()) ?? null
    } catch {
      token = null // asked again after a pause
    }
    this.#do(() => this.#protocol.token(token, this.#nowMs()))
  }

  #do(input: () => void): void {
    input()
    this.#act()
  }

  /** Wakes in time; waking too early is harmless, so a timer that is sooner stays. */
  #wakeLater(): void {
    const now = this.#nowMs()
    const wake = this.#protocol.wakeMs(now)
    if (wake === null || (this.#timer !== null && this.#timerMs <= wake)) return
    this.#clear(this.#timer)
    this.#timerMs = wake
    this.#timer = this.#later(
      () => {
        this.#timer = null
        this.#do(() => this.#protocol.tick(this.#nowMs()))
      },
      Math.max(0, wake - now),
    )
  }

  #nowMs(): number {
    return Math.floor((this.settings.clock ?? (() => performance.now()))())
  }

  #later(call: () => void, ms: number): unknown {
    return (this.settings.setTimer ?? setTimeout)(call, ms)
  }

  #clear(timer: unknown): void {
    if (timer !== null) (this.settings.clearTimer ?? clearTimeout)(timer)
  }
}

/** Returns what a frame says; null if it is no JSON. */
function decode(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    return null
  }
}
