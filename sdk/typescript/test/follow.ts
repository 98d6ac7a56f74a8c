/**
 * Follows an exchange and prints what the client knows, one line of JSON after each event, for
 * tests/sdk/test_typescript.py: `node dist/test/follow.js ws://host:port/ws TOKEN CHANNEL...`.
 */

import { Client } from "../src/index.js"
import { NodeSocket } from "./socket.js"

const [url = "", token = "", ...channels] = process.argv.slice(2)
const fills: unknown[] = []
let missed = false

const client = new Client(url, {
  connect: (address) => new NodeSocket(address),
  token: () => Promise.resolve(token),
  options: { firstPauseMs: 50, longestPauseMs: 400 },
})
client.listen((event) => {
  if (event.type === "data" && event.channel === "user.orders") {
    fills.push(...(event.news["fills"] as unknown[]))
    missed ||= event.news["missed"] === true
  }
  const values = Object.fromEntries(channels.map((channel) => [channel, client.value(channel)]))
  console.log(JSON.stringify({ state: client.state, values, fills, missed, counts: client.counts }))
})
client.subscribe(...channels)
client.start()
process.on("SIGTERM", () => client.stop())
