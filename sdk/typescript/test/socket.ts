/**
 * A WebSocket over a TCP socket, as much of RFC 6455 as our exchange speaks: Node 18 brings none.
 *
 * Text frames both ways, in one piece; pings are answered, a close ends it.
 */

import { createHash, randomBytes } from "node:crypto"
import { type Socket as Tcp, connect } from "node:net"

import type { Socket } from "../src/index.js"

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // section 1.3
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

interface Frame {
  opcode: number
  payload: Buffer
  rest: Buffer
}

/** Returns the first frame of what was received, null while it is not complete. Servers do not mask. */
function firstFrame(data: Buffer): Frame | null {
  if (data.length < 2) return null
  const short = data.readUInt8(1) & 0x7f
  const begin = short === 126 ? 4 : short === 127 ? 10 : 2
  if (data.length < begin) return null
  const size = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short
  if (data.length < begin + size) return null
  const payload = data.subarray(begin, begin + size)
  return { opcode: data.readUInt8(0) & 0x0f, payload, rest: data.subarray(begin + size) }
}

/** Returns a frame of a client: masked (section 5.3). */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4)
  const head = payload.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | payload.length]) : Buffer.alloc(4)
  if (payload.length >= 126) {
    head.writeUInt16BE(((0x80 | opcode) << 8) | 0xfe, 0)
    head.writeUInt16BE(payload.length, 2)
  }
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] as number))
  return Buffer.concat([head, mask, masked])
}

/** What `new WebSocket(url)` is in browsers. */
export class NodeSocket implements Socket {
  onopen: Socket["onopen"] = null
  onmessage: Socket["onmessage"] = null
  onclose: Socket["onclose"] = null
  onerror: Socket["onerror"] = null
  #tcp: Tcp
  #data: Buffer = Buffer.alloc(0)
  #open = false
  #end = { code: 1006, reason: "" }

  constructor(address: string) {
    const url = new URL(address)
    const key = randomBytes(16).toString("base64")
    const accept = createHash("sha1").update(key + MAGIC).digest("base64")
    this.#tcp = connect(Number(url.port), url.hostname, () => {
      const lines = [
        `GET ${url.pathname} HTTP/1.1`, `Host: ${url.host}`, "Upgrade: websocket", "Connection: Upgrade",
        `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13", "", "",
      ]
      this.#tcp.write(lines.join("\r\n"))
    })
    this.#tcp.on("data", (data: Buffer) => this.#received(data, accept))
    this.#tcp.on("error", (error) => this.onerror?.(error))
    this.#tcp.on("close", () => this.onclose?.(this.#end))
  }

  send(text: string): void {
    this.#tcp.write(frameOf(TEXT, Buffer.from(text)))
  }

  close(): void {
    if (this.#open) this.#tcp.write(frameOf(CLOSE, Buffer.alloc(0)))
    this.#tcp.end()
  }

  #received(data: Buffer, accept: string): void {
    this.#data = Buffer.concat([this.#data, data])
    if (!this.#open && !this.#shakeHands(accept)) return
    for (let frame = firstFrame(this.#data); frame !== null; frame = firstFrame(this.#data)) {
      this.#data = frame.rest
      this.#take(frame)
    }
  }

  #shakeHands(accept: string): boolean {
    const end = this.#data.indexOf("\r\n\r\n")
    if (end < 0) return false
    const head = this.#data.subarray(0, end).toString()
    this.#data = this.#data.subarray(end + 4)
    if (!head.startsWith("HTTP/1.1 101 ") || !head.includes(accept)) {
      this.#tcp.destroy()
      return false
    }
    this.#open = true
    this.onopen?.()
    return true
  }

  #take({ opcode, payload }: Frame): void {
    if (opcode === TEXT) this.onmessage?.({ data: payload.toString() })
    else if (opcode === PING) this.#tcp.write(frameOf(PONG, payload))
    else if (opcode === CLOSE) {
      if (payload.length >= 2) this.#end = { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() }
      this.close()
    }
  }
}
