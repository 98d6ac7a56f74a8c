/** The recorded sequences of sdk/vectors, made with the Python client, come out the same here, step by step. */

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { gunzipSync } from "node:zlib"

import { Protocol } from "../src/index.js"

interface Step {
  at: number
  do: "start" | "stop" | "subscribe" | "unsubscribe" | "token" | "opened" | "closed" | "received" | "tick"
  with: unknown[]
  out: unknown[]
  wake: number | null
}

interface Vector {
  name: string
  about: string
  options: Record<string, number>
  chances: number[]
  steps: Step[]
  state: string
  values: Record<string, unknown>
  counts: Record<string, number | null>
}

const VECTORS = new URL("../../../vectors/", import.meta.url)

function read(name: string): Vector[] {
  const content = readFileSync(new URL(name, VECTORS))
  const text = (name.endsWith(".gz") ? gunzipSync(content) : content).toString()
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Vector)
}

/** `heal_limit` as healLimit: Python's names in ours. */
function camel(fields: Record<string, unknown>): Record<string, unknown> {
  const name = (key: string): string => key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [name(key), value]))
}

function call(client: Protocol, step: Step): void {
  const method = client[step.do].bind(client) as (...inputs: unknown[]) => void
  method(...step.with, step.at)
}

function replay(vector: Vector): void {
  let drawn = 0
  const chance = (): number => vector.chances[drawn++ % vector.chances.length] as number
  const client = new Protocol(camel(vector.options), chance)
  for (const [number, step] of vector.steps.entries()) {
    call(client, step)
    const where = `${vector.name}, step ${number}`
    assert.deepEqual(client.drain(), step.out, where)
    assert.equal(client.wakeMs(step.at), step.wake, where)
  }
  assert.equal(client.state, vector.state, vector.name)
  assert.deepEqual({ ...client.counts }, camel(vector.counts), vector.name)
  for (const [name, expected] of Object.entries(vector.values)) {
    const book = name.startsWith("orderbook") && expected !== null
    const wanted = book ? camel(expected as Record<string, unknown>) : expected
    assert.deepEqual(client.get(name)?.fold.value() ?? null, wanted, `${vector.name}, ${name}`)
  }
}

for (const vector of read("scenarios.jsonl")) {
  test(`${vector.name}: ${vector.about}`, () => replay(vector))
}

test("two hundred runs on a bad line, and their healing", () => {
  const vectors = read("chaos.jsonl.gz")
  assert.equal(vectors.length, 200)
  for (const vector of vectors) replay(vector)
})
