/** Decimals are exact: what is read is printed, sums can be undone, and nothing is rounded behind anybody's back. */

import {
  add,
  BadDecimal,
  changePpm,
  compare,
  isStep,
  multiply,
  scaleOf,
  subtract,
  text,
  toStep,
  trimmed,
  truncate,
  units,
  unitsOrNull,
} from "@cse/core"
import { describe, expect, it } from "vitest"
import { decimal, seeded } from "./random.ts"

const next = seeded(7)
const PAIRS = Array.from({ length: 300 }, () => [decimal(next), decimal(next)] as const)

describe("units and text", () => {
  it.each([
    ["1.24", 4, 12_400n],
    ["0.0001", 4, 1n],
    ["-3.5", 1, -35n],
    [".5", 2, 50n],
    ["5.", 0, 5n],
    ["1.2400", 2, 124n],
    ["123456789012345678901234567890.12", 2, 12_345_678_901_234_567_890_123_456_789_012n],
  ])("reads %s at scale %i", (decimal, scale, expected) => expect(units(decimal, scale)).toBe(expected))

  it.each(["", ".", "-", "1e5", "1,5", "0x10", " 1", "1.2.3", "NaN", "--1", "+1", "١"])("refuses '%s'", (bad) => {
    expect(() => units(bad, 8)).toThrow(BadDecimal)
    expect(unitsOrNull(bad, 8)).toBeNull()
  })

  it("refuses digits beyond the scale in place of rounding them", () => expect(() => units("1.001", 2)).toThrow(BadDecimal))

  it("prints what it read", () => {
    for (const [one] of PAIRS) expect(text(units(one, scaleOf(one)), scaleOf(one))).toBe(one)
  })
})

describe("sums", () => {
  it("can be undone, and do not depend on the order", () => {
    for (const [one, other] of PAIRS) {
      const sum = add(one, other)
      expect(sum).toBe(add(other, one))
      expect(compare(subtract(sum, other), one)).toBe(0)
      expect(compare(sum, one)).toBeGreaterThanOrEqual(0)
    }
  })

  it("multiplies exactly", () => {
    for (const [one, other] of PAIRS) {
      const product = multiply(one, other)
      expect(product).toBe(multiply(other, one))
      expect(units(product, scaleOf(product))).toBe(units(one, scaleOf(one)) * units(other, scaleOf(other)))
    }
    expect(multiply("0.1", "0.2")).toBe("0.02") // 0.020000000000000004 as floats
  })

  it("orders as numbers do, whatever the zeros at the end", () => {
    expect(compare("1.20", "1.2")).toBe(0)
    expect(compare("9.9", "10")).toBe(-1)
    expect(compare("-1", "0.0")).toBe(-1)
  })
})

describe("steps", () => {
  it("cuts to a step below, or takes the one above, never more than a step away", () => {
    for (const [value] of PAIRS) {
      const [below, above] = [toStep(value, "0.25"), toStep(value, "0.25", true)]
      expect(isStep(below, "0.25") && isStep(above, "0.25")).toBe(true)
      expect(compare(below, value)).toBeLessThanOrEqual(0)
      expect(compare(above, value)).toBeGreaterThanOrEqual(0)
      expect(["0.00", "0.25"]).toContain(subtract(above, below))
    }
  })

  it("truncates toward zero", () => {
    expect(truncate("1.999", 2)).toBe("1.99")
    expect(truncate("-1.999", 2)).toBe("-1.99")
    expect(truncate("1.5", 4)).toBe("1.5000")
  })
})

describe("changes", () => {
  it.each([
    ["1.0000", "1.0310", 31_000],
    ["2", "1", -500_000],
    ["3", "3.000", 0],
    ["0", "1", null],
  ])("%s to %s is %s ppm", (from, to, expected) => expect(changePpm(from, to)).toBe(expected))
})

it("drops zeros at the end only", () => {
  expect(trimmed("1.2400")).toBe("1.24")
  expect(trimmed("100")).toBe("100")
  expect(trimmed("3.000")).toBe("3")
})
