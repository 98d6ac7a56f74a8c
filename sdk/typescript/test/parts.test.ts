/** The parts that vectors do not reach: checksums, numbers, and the client around a socket that is made up. */

import assert from "node:assert/strict"
import { test } from "node:test"

import { crc32 } from "../src/crc32.js"
import { BadNumber, Client, type Event, type Socket, decimals, digits } from "../src/index.js"

test("the checksum is zlib's", () => {
  assert.equal(crc32(""), 0)
  assert.equal(crc32("123456789"), 0xcbf43926) // the check value of CRC-32/ISO-HDLC
  assert.equal(crc32("1.2400:12.00|1.2500:3.00"), 416009999) // docs/reference/websocket.md
})

test("numbers are put in order by their digits, whatever their size", () => {
  assert.equal(digits("1.2400"), 12400n)
  assert.equal(digits("0.00"), 0n)
  assert.ok(digits("90071992547409.93") > digits("90071992547409.92"))
  assert.equal(decimals("1.2400"), 4)
  assert.equal(decimals("12"), 0)
  for (const nonsense of ["", ".", "-1", "1e5", "1.2.3", " 1", "0x1", "１"]) {
    assert.throws(() => digits(nonsense), BadNumber, nonsense)
  }
})

/** A connection of which a test is the other end. */
class FakeSocket implements Socket {
  onopen: Socket["onopen"] = null
  onmessage: Socket["onmessage"] = null
  onclose: Socket["onclose"] = null
  onerror: Socket["onerror"] = null
  sent: Record<string, unknown>[] = []
  closed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.closed = true
  }

  bring(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}

/** A client whose time stands still unless `tick` is called, and all that it did. */
class Stage {
  sockets: FakeSocket[] = []
  events: Event[] = []
  now = 0
  timers = new Map<number, { at: number; call: () => void }>()
  client: Client
  #next = 0

  constructor(token?: () => Promise<string | null>) {
    this.client = new Client("ws://exchange/ws", {
      connect: () => this.#connect(),
      onEvent: (event) => this.events.push(event),
      clock: () => this.now,
      setTimer: (call, ms) => {
        this.timers.set((this.#next += 1), { at: this.now + ms, call })
        return this.#next
      },
      clearTimer: (timer) => this.timers.delete(timer as number),
      ...(token ? { token } : {}),
    })
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket
  }

  /** Lets time pass, timer by timer. */
  wait(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0]
      if (!due) break
      this.timers.delete(due[0])
      this.now = Math.max(this.now, due[1].at)
      due[1].call()
    }
    this.now = until
  }

  #connect(): FakeSocket {
    this.sockets.push(new FakeSocket())
    return this.socket
  }
}

const BOOK = "orderbook.X-Y"

function live(): Stage {
  const stage = new Stage()
  stage.client.subscribe(BOOK)
  stage.client.start()
  stage.socket.onopen?.()
  const bids = [["1.2400", "12.00"]]
  const asks = [["1.2500", "3.00"]]
  stage.socket.bring({
    channel: BOOK, type: "snapshot", sequence: 7, previous: null, time: 1, bids, asks, checksum: 416009999,
  })
  return stage
}

test("a client connects, subscribes, and has a book", () => {
  const stage = live()
  assert.deepEqual(stage.socket.sent.find(({ op }) => op === "subscribe")?.["channels"], [BOOK])
  assert.equal(stage.client.state, "live")
  assert.deepEqual(stage.client.book(BOOK)?.bids, [["1.2400", "12.00"]])
  assert.deepEqual(stage.events.at(-2)?.type, "data")
})

test("a lost connection is made again, and what the old one still brings is not listened to", () => {
  const stage = live()
  const old = stage.socket
  old.onclose?.({ code: 1006, reason: "" })
  assert.equal(stage.client.state, "connecting")
  assert.equal(stage.client.book(BOOK), null)
  stage.wait(300)
  assert.equal(stage.sockets.length, 2)
  stage.socket.onopen?.()
  assert.equal(old.onmessage, null)
  assert.equal(stage.client.state, "healing")
})

test("a connection that is never made is given up and tried again", () => {
  const stage = new Stage()
  stage.client.start()
  stage.wait(10_000)
  assert.ok(stage.socket.closed)
  stage.wait(1_000)
  assert.equal(stage.sockets.length, 2)
})

test("a frame that is no JSON changes nothing", () => {
  const stage = live()
  stage.socket.onmessage?.({ data: "no {" })
  assert.equal(stage.client.state, "live")
})

test("the token comes from the application; one that cannot be had is asked for again", async () => {
  let asked = 0
  const stage = new Stage(() => {
    asked += 1
    return asked === 1 ? Promise.reject(new Error("no network")) : Promise.resolve("t")
  })
  stage.client.subscribe("user.orders")
  stage.client.start()
  stage.socket.onopen?.()
  await new Promise(setImmediate)
  stage.wait(300)
  await new Promise(setImmediate)
  assert.equal(asked, 2)
  assert.equal(stage.socket.sent.at(-1)?.["token"], "t")
})

test("a client that was stopped lets go of everything", () => {
  const stage = live()
  stage.client.stop()
  assert.ok(stage.socket.closed)
  assert.equal(stage.client.state, "closed")
  assert.equal(stage.timers.size, 0)
})
