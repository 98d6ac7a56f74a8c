/** What holds of every indicator, whatever it computes. */

import { describe, expect, it } from "vitest"
import { catalogue, GROUPS, indicator, problemOf, type Series } from "../src/index.ts"
import { goldenSeries } from "./golden.ts"

const DAY_MS = 86_400_000
const KEYS = ["time", "open", "high", "low", "close", "volume"] as const

function first(series: Series, count: number): Series {
  const cut = (values: Float64Array) => values.slice(0, count)
  return Object.fromEntries(KEYS.map((key) => [key, cut(series[key])])) as unknown as Series
}

function constant(price: number, volume: number, count = 300): Series {
  const of = (value: number) => new Float64Array(count).fill(value)
  const time = Float64Array.from({ length: count }, (_, i) => i * DAY_MS)
  return { time, open: of(price), high: of(price), low: of(price), close: of(price), volume: of(volume) }
}

const finite = (values: Float64Array): boolean => values.every((value) => !(Math.abs(value) === Number.POSITIVE_INFINITY))

describe("the catalogue", () => {
  it("has at least 150 indicators, each once, in known groups", () => {
    const names = catalogue.map((each) => each.name)
    expect(names.length).toBeGreaterThanOrEqual(150)
    expect(new Set(names).size).toBe(names.length)
    for (const each of catalogue) expect(GROUPS).toContain(each.group)
  })

  it("finds an indicator by its name, and none by another", () => {
    expect(indicator("rsi")?.outputs.map((each) => each.key)).toEqual(["value"])
    expect(indicator("constructor")).toBeUndefined()
  })

  it("says of which ones the past changes", () => {
    const repainting = catalogue.filter((each) => each.repaints).map((each) => each.name)
    expect(repainting).toEqual(["ichimoku", "zigzag"])
  })

  it("has defaults that its own ranges take", () => {
    for (const { name, parameters } of catalogue) {
      for (const parameter of parameters) expect(problemOf(parameter, parameter.default), name).toBeNull()
    }
  })
})

describe("parameters", () => {
  const rsi = indicator("rsi")
  it.each([
    [{ period: 1 }, "range"],
    [{ period: 501 }, "range"],
    [{ period: 2.5 }, "whole"],
    [{ period: Number.NaN }, "number"],
    [{ period: "14" }, "number"],
    [{ length: 14 }, "unknown"],
  ])("refuses %o: %s", (given, reason) => {
    expect(() => rsi?.compute(constant(1, 1), given as Record<string, number | string>)).toThrow(reason)
  })

  it("refuses an average that there is none of", () => {
    expect(() => indicator("ma")?.compute(constant(1, 1), { ma_type: "magic" })).toThrow("choice")
  })
})

describe.each(catalogue.map((each) => [each.name, each] as const))("%s", (_name, each) => {
  const series = goldenSeries()

  it("gives each output an entry per candle, from none to more than it looks back on", () => {
    for (const count of [0, 1, 2, 3, 7, 33, 64, 160]) {
      const found = each.compute(first(series, count))
      expect(Object.keys(found)).toEqual(each.outputs.map((output) => output.key))
      for (const values of Object.values(found)) {
        expect(values.length).toBe(count)
        expect(finite(values)).toBe(true)
      }
    }
  })

  it("is never infinite where nothing moves or nothing trades", () => {
    for (const still of [constant(1.25, 3), constant(1.25, 0), constant(1e-8, 1e9), constant(1e9, 1e-8)]) {
      for (const values of Object.values(each.compute(still))) expect(finite(values)).toBe(true)
    }
  })

  it("leaves its input as it was, and answers the same again", () => {
    const copy = first(series, 160)
    const once = each.compute(copy)
    expect(each.compute(copy)).toEqual(once)
    expect(copy).toEqual(series)
  })

  if (each.repaints) return
  it("tells of a closed candle what it told before later ones came", () => {
    const whole = each.compute(series)
    for (const count of [50, 101, 159]) {
      for (const [key, values] of Object.entries(each.compute(first(series, count)))) {
        expect(values).toEqual(whole[key]?.slice(0, count))
      }
    }
  })
})
