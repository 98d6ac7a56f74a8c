/** What the server computes with TA-Lib comes out the same here: names, parameters, ranges, values. */

import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { catalogue, defaults, indicator, type Parameters } from "../src/index.ts"
import server from "../src/server.json" with { type: "json" }
import { difference, goldenSeries, read, type Told } from "./golden.ts"

const shared = catalogue.filter((each) => each.server)
/**
 * Not compared: a stochastic of two values is 0 or 100, MAMA takes the angle between what rounding leaves of them, and
 * the last bit of a product decides the sixth digit.
 */
const OF_ROUNDING = ["stochrsi(30,2,2,mama)"]
const GROUPS = [...new Set(shared.map((each) => each.group))]

interface Ends {
  readonly candles: number
  readonly parameters: Parameters
  readonly outputs: Readonly<Record<string, { first: number | null; last: Told }>>
}

describe("the server's catalogue", () => {
  it("is the one that the exchange serves (else: cp it over src/server.json)", () => {
    const path = "../../../../src/cse/market_data/indicators/catalogue.json"
    expect(server).toEqual(JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")))
  })

  it("is computed here but for some candle patterns", () => {
    const missing = server.filter((told) => indicator(told.name) === undefined)
    expect(missing.filter((told) => told.group !== "pattern")).toEqual([])
  })

  it("gives parameters and outputs their names, defaults and ranges", () => {
    for (const told of server) {
      const found = indicator(told.name)
      if (found === undefined) continue
      expect(Object.entries(defaults(found))).toEqual(told.parameters.map((each) => [each.name, each.default]))
      expect(found.outputs.map((each) => each.key)).toEqual(told.outputs.map((each) => each.name))
      for (const [index, parameter] of found.parameters.entries()) {
        const given = told.parameters[index]
        if ("min" in parameter) expect([parameter.min, parameter.max]).toEqual([given?.minimum, given?.maximum])
        if ("choices" in parameter) expect(parameter.choices).toEqual(given?.choices)
      }
    }
  })
})

describe("TA-Lib's values", () => {
  const series = goldenSeries()
  for (const group of GROUPS) {
    const told = read<Record<string, Record<string, Told>>>(`${group}.json`)
    for (const [spelling, outputs] of Object.entries(told)) {
      const found = indicator(spelling.split("(")[0] ?? "")
      if (found === undefined) continue
      it(`${spelling} with its defaults`, () => {
        const values = found.compute(series)
        for (const [key, wanted] of Object.entries(outputs)) expect(difference(values[key], wanted)).toBeNull()
      })
    }
  }

  interface Example {
    readonly value: number
    readonly candles: Readonly<Record<"open" | "high" | "low" | "close", readonly number[]>>
  }
  const examples = Object.entries(read<Record<string, readonly Example[]>>("pattern_examples.json"))
  it("of each candle pattern that is here has an example", () => {
    const known = new Set(examples.map(([spelling]) => spelling.split("(")[0]))
    expect(shared.filter((each) => each.group === "pattern" && !known.has(each.name))).toEqual([])
  })
  for (const [spelling, told] of examples) {
    const found = indicator(spelling.split("(")[0] ?? "")
    if (found === undefined) continue
    it(`${spelling} where it is`, () => {
      for (const { value, candles } of told) {
        const count = candles.close.length
        const column = (key: keyof typeof candles) => Float64Array.from(candles[key])
        const none = new Float64Array(count)
        const prices = { open: column("open"), high: column("high"), low: column("low"), close: column("close") }
        expect(found.compute({ time: none, volume: none, ...prices }).value?.at(-1)).toBe(value)
      }
    })
  }

  const others = Object.entries(read<Record<string, Ends>>("other_parameters.json"))
  it("are many with other parameters and few candles", () => expect(others.length).toBeGreaterThan(200))
  for (const [spelling, { candles, parameters, outputs }] of others) {
    const found = indicator(spelling.split("(")[0] ?? "")
    if (found === undefined || OF_ROUNDING.includes(spelling)) continue
    it(`${spelling} of ${candles} candles`, () => {
      const values = found.compute(goldenSeries(candles), parameters)
      for (const [key, { first, last }] of Object.entries(outputs)) {
        const got = values[key] ?? new Float64Array()
        const begins = got.findIndex((value) => !Number.isNaN(value))
        expect(begins).toBe(first ?? -1)
        expect(difference(got.subarray(got.length - last.length), last)).toBeNull()
      }
    })
  }
})
