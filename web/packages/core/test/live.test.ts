/** One connection for the whole app: channels are counted, outlive a change of page, and a new person gets a new one. */

import { Live } from "@cse/core"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"

interface Sent {
  op: string
  id: number
  channels?: string[]
  token?: string
  account?: number
}

/** A socket that keeps what was sent, and says what the test wants. */
class FakeSocket {
  static all: FakeSocket[] = []
  readonly sent: Sent[] = []
  isClosed = false
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onerror: ((event: unknown) => void) | null = null

  constructor() {
    FakeSocket.all.push(this)
  }

  send(text: string): void {
    const message = JSON.parse(text) as Sent
    this.sent.push(message)
    this.say({ id: message.id, ok: true })
  }

  close(): void {
    this.isClosed = true
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }

  ops(op: string): string[] {
    return this.sent.filter((each) => each.op === op).flatMap((each) => each.channels ?? [])
  }
}

const last = (): FakeSocket => FakeSocket.all.at(-1) as FakeSocket

function connected(settings: { token?: string | null; account?: number | null } = {}): Live {
  const live = new Live({
    url: "ws://exchange/ws",
    connect: () => new FakeSocket(),
    token: async () => settings.token ?? null,
    account: () => settings.account ?? null,
  })
  live.start()
  last().onopen?.()
  return live
}

beforeEach(() => {
  FakeSocket.all = []
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

const snapshot = (sequence: number, last: string) => ({
  channel: "ticker.A-B",
  type: "snapshot",
  sequence,
  previous: null,
  time: 0,
  last,
})

describe("channels", () => {
  it("are subscribed once, however many use them, and given up after the last one left", () => {
    const live = connected()
    const ends = [live.use("ticker.A-B", () => undefined), live.use("ticker.A-B", () => undefined)]
    expect(last().ops("subscribe")).toEqual(["ticker.A-B"])
    ends[0]?.()
    ends[0]?.() // twice does not count twice
    vi.advanceTimersByTime(10_000)
    expect(last().ops("unsubscribe")).toEqual([])
    ends[1]?.()
    vi.advanceTimersByTime(10_000)
    expect(last().ops("unsubscribe")).toEqual(["ticker.A-B"])
    live.stop()
  })

  it("stay for a moment, so that a change of page costs nothing", () => {
    const live = connected()
    live.use("ticker.A-B", () => undefined)()
    vi.advanceTimersByTime(500)
    live.use("ticker.A-B", () => undefined)
    vi.advanceTimersByTime(10_000)
    expect(last().ops("subscribe")).toEqual(["ticker.A-B"])
    expect(last().ops("unsubscribe")).toEqual([])
    live.stop()
  })

  it("bring their news to those who use them, and to nobody after", () => {
    const live = connected()
    const heard: unknown[] = []
    const end = live.use("ticker.A-B", () => heard.push(live.value("ticker.A-B")))
    last().say(snapshot(1, "1.00"))
    end()
    last().say(snapshot(2, "2.00"))
    expect(heard.at(-1)).toEqual({ last: "1.00" })
    live.stop()
  })
})

describe("a new person", () => {
  it("gets a new connection with the same channels, and nothing that was kept", () => {
    const live = connected()
    const states: unknown[] = []
    live.use("ticker.A-B", () => states.push(live.value("ticker.A-B")))
    last().say(snapshot(1, "1.00"))
    const before = last()
    live.renew()
    expect(before.isClosed).toBe(true)
    expect(states.at(-1)).toBeNull()
    last().onopen?.()
    expect(last()).not.toBe(before)
    expect(last().ops("subscribe")).toEqual(["ticker.A-B"])
    live.stop()
  })

  it("says by its token who it is, and which account it is about", async () => {
    const live = connected({ token: "T", account: 12 })
    live.use("user.orders", () => undefined)
    await vi.advanceTimersByTimeAsync(10)
    expect(last().sent.find((each) => each.op === "auth")).toMatchObject({ token: "T", account: 12 })
    live.stop()
  })
})
