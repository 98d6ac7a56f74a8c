/** What people see is digit for digit what the API said, with the marks of their language. */

import { faintZeros, forTyping, formatChange, formatCompact, formatDecimal, formatPpm, readTyped } from "@cse/core"
import { describe, expect, it } from "vitest"
import { decimal, seeded } from "./random.ts"

const LOCALES = ["en", "de", "es", "ja", "zh-Hans", "ar"]
const next = seeded(11)
const DECIMALS = Array.from({ length: 200 }, () => decimal(next))

describe.each(LOCALES)("%s", (locale) => {
  it("keeps every digit, in order, and adds none", () => {
    for (const each of DECIMALS) {
      expect(formatDecimal(each, locale).replace(/\D/g, "")).toBe(each.replace(/\D/g, ""))
      expect(formatDecimal(`-${each}`, locale).replace(/\D/g, "")).toBe(each.replace(/\D/g, ""))
    }
  })

  it("uses Latin digits, groups of three and one point", () => {
    const printed = formatDecimal("1234567.8900", locale)
    expect(printed).toMatch(/^1(?<group>.)234\k<group>567[^\d]8900$/)
    expect(formatDecimal("-1.5", locale)).not.toBe(formatDecimal("1.5", locale))
  })

  it("signs changes, so that colour is not the only sign", () => {
    expect(formatPpm(31_000, locale)).toContain("+")
    expect(formatPpm(31_000, locale)).toMatch(/3.10/)
    expect(formatPpm(-31_000, locale)).not.toContain("+")
    expect(formatPpm(0, locale)).toMatch(/^[^+\-−]*0.00/)
  })

  it("understands what it printed itself", () => {
    for (const each of DECIMALS) {
      const read = readTyped(forTyping(each, locale), locale)
      expect("value" in read && Number(read.value)).toBe(Number(each))
    }
  })
})

it("prints in the marks of each language", () => {
  expect(formatDecimal("1234.50", "en")).toBe("1,234.50")
  expect(formatDecimal("1234.50", "de")).toBe("1.234,50")
  expect(formatChange("1.00", "1.05", "en")).toBe("+5.00%")
  expect(formatChange(null, "1", "en")).toBeNull()
  expect(formatCompact("1234567.89", "en")).toBe("1.235M")
})

it("tells the zeros at the end from the rest", () => {
  expect(faintZeros("1.2400")).toEqual(["1.24", "00"])
  expect(faintZeros("100")).toEqual(["100", ""])
  expect(faintZeros("3.00")).toEqual(["3", ".00"])
})

describe("typed numbers", () => {
  it.each([
    ["1,234.50", "en", "1234.50"],
    ["1,234.50", "de", "1234.50"],
    ["1.234,50", "de", "1234.50"],
    ["1.234,50", "en", "1234.50"],
    ["1 234,5", "es", "1234.5"],
    ["1,5", "de", "1.5"],
    ["1,5", "en", "1.5"],
    ["1,234,567", "en", "1234567"],
    ["0,125", "en", "0.125"],
    ["１２．５", "ja", "12.5"],
    ["١٢٫٥", "ar", "12.5"],
    [".5", "en", "0.5"],
    ["007", "en", "7"],
    ["", "en", ""],
    ["5.", "en", "5"],
  ])("reads '%s' in %s as %s", (typed, locale, value) => expect(readTyped(typed, locale)).toEqual({ value }))

  it.each([
    ["1,234", "en", "ambiguous"],
    ["1.234", "de", "ambiguous"],
    ["12,34.5", "en", "not_a_number"],
    ["1.2.3", "en", "not_a_number"],
    ["-1", "en", "not_a_number"],
    ["1e5", "en", "not_a_number"],
    ["abc", "en", "not_a_number"],
    [".", "en", "not_a_number"],
  ])("refuses '%s' in %s: %s", (typed, locale, refused) => expect(readTyped(typed, locale)).toEqual({ refused }))
})
