import { describe, expect, it } from "vitest"
import { BadLayout } from "./checks"
import { type ChartFile, FIRST_SETTINGS, LIMITS, readFile } from "./schema"

const drawing = { id: "a", tool: "segment", points: [{ timestamp: 1, value: 1.5 }, { timestamp: null, value: 2 }], color: "info", width: 1, text: "" } as const
const file: ChartFile = {
  version: 1,
  standard: "Day",
  saved: [{ name: "Day", settings: { ...FIRST_SETTINGS, indicators: [{ id: "1", name: "rsi", parameters: { length: 14, source: "close" } }] }, drawings: { "NOVA-USDC": [drawing] } }],
  markets: { "NOVA-USDC": { layout: "Day", settings: FIRST_SETTINGS, drawings: [drawing] } },
}

function refusal(change: (copy: Record<string, unknown> & typeof file) => void): string {
  const copy = structuredClone(file) as Record<string, unknown> & typeof file
  change(copy)
  try {
    readFile(JSON.stringify(copy))
  } catch (refused) {
    expect(refused).toBeInstanceOf(BadLayout)
    return (refused as BadLayout).message
  }
  return ""
}

/** Reaches into a copy whose type says that it does not change. */
const at = (value: unknown): Record<string, unknown> => value as Record<string, unknown>

describe("reading what is kept", () => {
  it("brings back what was written", () => {
    expect(readFile(JSON.stringify(file))).toEqual(file)
  })

  it("says where something is wrong", () => {
    expect(refusal((copy) => void (at(copy).version = 2))).toContain(".version")
    expect(refusal((copy) => void (at(copy.markets["NOVA-USDC"]?.settings).interval = "7m"))).toContain(".interval")
    expect(refusal((copy) => void (at(copy.saved[0]).name = " "))).toContain("a name")
    expect(refusal((copy) => void (at(copy.markets["NOVA-USDC"]?.drawings[0]).tool = "script"))).toContain("drawing tool")
    expect(refusal((copy) => void (at(copy.markets["NOVA-USDC"]?.drawings[0]).color = "url(x)"))).toContain(".color")
    expect(() => readFile("{")).toThrow(BadLayout)
    expect(() => readFile("[]")).toThrow(BadLayout)
  })

  it("takes nothing past its limits", () => {
    const many = Array.from({ length: LIMITS.drawings + 1 }, () => drawing)
    expect(refusal((copy) => void (at(copy.markets["NOVA-USDC"]).drawings = many))).toContain(`${LIMITS.drawings}`)
    const layouts = Array.from({ length: LIMITS.layouts + 1 }, () => file.saved[0])
    expect(refusal((copy) => void (copy.saved = layouts as never))).toContain(`${LIMITS.layouts}`)
    expect(refusal((copy) => void (at(copy.saved[0]).name = "x".repeat(LIMITS.nameLength + 1)))).toContain(".name")
  })

  it("drops what it does not know", () => {
    expect(readFile(JSON.stringify({ ...file, more: 1 }))).toEqual(file)
  })
})
