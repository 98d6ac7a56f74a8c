import { describe, expect, it } from "vitest"
import { cell, csv } from "./csv"

describe("csv", () => {
  it("quotes what must be quoted", () => {
    expect(csv(["a", "b"], [['say "hi"', "1,5"]])).toBe('a,b\r\n"say ""hi""","1,5"\r\n')
  })

  it.each(["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx"])("defuses the formula %j", (text) => {
    expect(cell(text).replace(/^"/, "").startsWith("'")).toBe(true)
  })

  it("leaves signed numbers alone", () => {
    expect(cell("-12.50")).toBe("-12.50")
  })
})
