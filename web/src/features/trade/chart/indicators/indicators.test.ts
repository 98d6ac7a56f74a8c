/** Finding, choosing and drawing indicators: what the dialog and the chart rely on. */

import { catalogue, type Indicator, indicator } from "@cse/indicators"
import type { KLineData } from "klinecharts"
import { describe, expect, it } from "vitest"
import texts from "@/i18n/locales/en/indicators.json" with { type: "json" }
import { LIMITS } from "../layouts/schema"
import { added, changed, freshId, isFull, parametersText, removed } from "./chosen"
import { markRows } from "./marks"
import { paletteOf, lineColor, TINTS } from "./palette"
import { search } from "./search"
import { rowsOf, seriesOf } from "./series"

const names = texts.name as Readonly<Record<string, string>>
const titleOf = (name: string): string => names[name] ?? ""
const NO_SHELVES = { favourites: [], recent: [] }

function known(name: string): Indicator {
  const found = indicator(name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

function find(text: string, shelves = NO_SHELVES): string[] {
  return search(catalogue, { text, place: "all" }, titleOf, shelves).map((each) => each.name)
}

const candle = (close: number): KLineData => ({ timestamp: close, open: close, high: close, low: close, close, volume: 1 })

describe("texts", () => {
  it("name and explain every indicator, and nothing else", () => {
    const wanted = catalogue.map((each) => each.name).sort()
    expect(Object.keys(texts.name).sort()).toEqual(wanted)
    expect(Object.keys(texts.what).sort()).toEqual(wanted)
    expect(new Set(Object.values(texts.name)).size).toBe(wanted.length)
  })

  it("name every parameter, choice and output of several", () => {
    const parameters = catalogue.flatMap((each) => each.parameters)
    for (const parameter of parameters) {
      expect(texts.parameter).toHaveProperty(parameter.key)
      if ("choices" in parameter) for (const choice of parameter.choices) expect(texts.choice).toHaveProperty(choice)
    }
    const many = catalogue.filter((each) => each.outputs.length > 1)
    for (const output of many.flatMap((each) => each.outputs)) expect(texts.output).toHaveProperty(output.key)
  })
})

describe("search", () => {
  it("finds the exact name before words that begin alike", () => {
    expect(find("rsi")[0]).toBe("rsi")
    expect(find("rsi")).toContain("stochrsi")
  })

  it("wants every word, whatever its case and marks", () => {
    expect(find("BOLLINGER band")).toEqual(expect.arrayContaining(["bbands", "bbw"]))
    expect(find("Anchóred vwap")).toEqual(["vwap_anchored"])
    expect(find("rsi of nothing at all")).toEqual([])
  })

  it("shows all, the popular ones first, or one group, or what was marked or used", () => {
    expect(find("").length).toBe(catalogue.length)
    expect(find("").slice(0, 2)).toEqual(["sma", "ema"])
    const cycles = search(catalogue, { text: "", place: "cycle" }, titleOf, NO_SHELVES)
    expect(new Set(cycles.map((each) => each.group))).toEqual(new Set(["cycle"]))
    const shelves = { favourites: ["obv", "gone", "sma"], recent: ["macd"] }
    const marked = search(catalogue, { text: " ", place: "favourites" }, titleOf, shelves)
    expect(marked.map((each) => each.name)).toEqual(["obv", "sma"])
  })
})

describe("the chosen ones", () => {
  it("may be several of a kind, each with its own parameters", () => {
    const one = added([], known("sma"), freshId([], "sma"))
    const two = added(one, known("sma"), freshId(one, "sma"))
    expect(two.map((each) => each.id)).toEqual(["sma-1", "sma-2"])
    const next = changed(two, "sma-2", { parameters: { period: 200 } })
    expect(next.map((each) => each.parameters.period)).toEqual([30, 200])
    expect(removed(next, "sma-1").map((each) => each.id)).toEqual(["sma-2"])
    expect(freshId(removed(next, "sma-1"), "sma")).toBe("sma-1")
    expect(two.map((each) => each.tint)).toEqual([0, 1])
    expect(added(changed(two, "sma-1", { tint: 5 }), known("sma"), "sma-3").at(-1)?.tint).toBe(0)
  })

  it("are at most as many as a chart holds", () => {
    let all = added([], known("rsi"), "rsi-0")
    for (let k = 1; k < LIMITS.indicators; k++) all = added(all, known("rsi"), `rsi-${k}`)
    expect(isFull(all)).toBe(true)
    expect(added(all, known("rsi"), "more")).toBe(all)
  })

  it("tell their parameters in order, defaults for those that are missing", () => {
    const setting = { id: "a", name: "vwap_anchored", parameters: { anchor: 5 } }
    expect(parametersText(setting, (time) => `at ${time}`)).toBe("at 5, 1")
    expect(parametersText({ id: "b", name: "gone", parameters: {} }, String)).toBe("")
  })
})

describe("what is drawn", () => {
  it("reads a list once for all that is computed of it, and anew when it may have changed", async () => {
    const list = [candle(1), candle(2)]
    const first = seriesOf(list)
    expect(Array.from(first.close)).toEqual([1, 2])
    expect(seriesOf(list)).toBe(first)
    list.push(candle(3))
    expect(Array.from(seriesOf(list).close)).toEqual([1, 2, 3])
    list[2] = candle(5)
    expect(Array.from(seriesOf(list).close)).toEqual([1, 2, 5])
    await Promise.resolve()
    list[0] = candle(4)
    expect(Array.from(seriesOf(list).close)).toEqual([4, 2, 5])
  })

  it("has nothing where there is no value, and fills the rows that are there", () => {
    const rows = rowsOf({ value: Float64Array.of(Number.NaN, 5) }, 2, [])
    expect(rows).toEqual([{ value: undefined }, { value: 5 }])
    const again = rowsOf({ value: Float64Array.of(1, 2, 3) }, 3, rows)
    expect(again).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
    expect(again[1]).toBe(rows[1])
  })

  it("puts marks under bullish candles and over bearish ones", () => {
    const list = [1, 2, 3].map((close) => ({ ...candle(close), high: close + 1, low: close - 1 }))
    const rows = markRows(Float64Array.of(100, Number.NaN, -80), list)
    expect(rows.map((row) => [row.below, row.above])).toEqual([[0, undefined], [undefined, undefined], [undefined, 4]])
  })

  it("has a colour of its own for each of the first lines, and goes round after them", () => {
    const tokens = Object.fromEntries(
      ["canvas", "surface", "raised", "line", "line-strong", "text", "muted", "faint", "brand", "on-brand", "up", "down", "warn", "info"].map(
        (name) => [name, name],
      ),
    ) as Parameters<typeof paletteOf>[0]
    const palette = paletteOf(tokens)
    expect(new Set(palette.lines).size).toBe(TINTS)
    expect(lineColor(palette, 1, TINTS)).toBe(palette.lines[1])
  })
})
