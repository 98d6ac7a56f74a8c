/** What the account's pages compute: what is typed about a key, devices by name, percent, countries, programs to paste. */

import { describe, expect, it } from "vitest"
import { countriesIn } from "./countries"
import { deviceOf } from "./device"
import { exampleOf } from "./key-examples"
import { allowlistOf, expiryOf } from "./key-fields"
import { percentOfPpm } from "./ppm"

describe("the addresses of a key", () => {
  it("are one a line, or with commas or blanks between them", () => {
    expect(allowlistOf(" 203.0.113.7,\n2001:db8::/32  10.0.0.0/8,, ")).toEqual(["203.0.113.7", "2001:db8::/32", "10.0.0.0/8"])
    expect(allowlistOf(" \n")).toEqual([])
  })
})

describe("the end of a key", () => {
  it("is the end of that day, UTC, whatever the zone of the browser", () => {
    expect(expiryOf("2026-11-23")).toBe(Date.UTC(2026, 10, 24) - 1)
  })

  it("is never without a date", () => {
    for (const typed of ["", "soon", "2026-13-01"]) expect(expiryOf(typed)).toBeNull()
  })
})

describe("a device", () => {
  it("is told by the browser's own name, not by those that it also claims", () => {
    const edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
    const android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
    const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
    expect(deviceOf(edge)).toBe("Edge, Windows")
    expect(deviceOf(android)).toBe("Chrome, Android")
    expect(deviceOf(iphone)).toBe("Safari, iOS")
    expect(deviceOf("python-httpx/0.28.1")).toBe("Python")
  })

  it("has no name where nobody would recognise it", () => {
    expect(deviceOf("")).toBeNull()
    expect(deviceOf("x".repeat(256))).toBeNull()
  })
})

describe("a fee", () => {
  it("is printed exactly", () => {
    expect([0, 1, 1_500, 999_999, 1_000_000].map(percentOfPpm)).toEqual(["0 %", "0.0001 %", "0.15 %", "99.9999 %", "100 %"])
  })
})

describe("countries", () => {
  it("are all there under a name, sorted as the language sorts", () => {
    const german = countriesIn("de")
    expect(german.find(({ code }) => code === "AT")).toEqual({ code: "AT", name: "Österreich" })
    expect(new Set(german.map(({ code }) => code)).size).toBe(german.length)
    expect(german.length).toBeGreaterThan(240)
    for (const { code, name } of german) expect(name, code).not.toBe(code)
    const order = german.map(({ code }) => code)
    expect(order.indexOf("AT")).toBeLessThan(order.indexOf("PL"))
    expect(order.indexOf("AT")).toBeGreaterThan(order.indexOf("NO"))
  })
})

describe("a program to paste", () => {
  // That the exchange accepts what they sign, tests/browser/test_web_account.py shows.
  it("names this exchange and this key, and holds no secret", () => {
    for (const kind of ["curl", "python", "ed25519"] as const) {
      const program = exampleOf(kind, "https://cse.example", "k_1")
      expect(program).toContain("https://cse.example/api/balances")
      expect(program).toContain("k_1")
      expect(program).not.toContain("undefined")
    }
  })
})
