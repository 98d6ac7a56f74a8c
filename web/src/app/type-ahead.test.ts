/** What is kept of the keys that are pressed before a search's field is there. */

import { describe, expect, it } from "vitest"
import { after } from "./type-ahead"

function typing(...keys: readonly string[]) {
  return keys.reduce((typed, key) => after(typed, key) ?? typed, { text: "", enter: false })
}

describe("typing ahead", () => {
  it("keeps letters, signs and what is not of one code unit", () => {
    expect(typing("N", "o", "v", "/", " ", "𝒳")).toEqual({ text: "Nov/ 𝒳", enter: false })
  })

  it("takes the last one back", () => {
    expect(typing("a", "b", "Backspace", "c", "Backspace", "Backspace", "Backspace").text).toBe("")
  })

  it("ends with Enter", () => {
    expect(typing("l", "u", "Enter", "m", "Backspace")).toEqual({ text: "lu", enter: true })
  })

  it.each(["Shift", "ArrowDown", "Tab", "F5", "Dead"])("leaves %s to whom it is for", (key) => {
    expect(after({ text: "a", enter: false }, key)).toBeNull()
  })
})
