/** What log-in pages compute: where people may be sent, tokens of letters, second factors that are asked for. */

import { ApiProblem } from "@cse/core"
import { describe, expect, it, vi } from "vitest"

vi.mock("@/app/exchange", () => ({ api: {}, session: {}, live: {} }))

const { ownPage } = await import("./enter")
const { takeToken } = await import("./fragment")
const { askedFactor } = await import("./second-factor")
const { redirectOf } = await import("./oauth-callback-page")

const place = (hash: string) => ({ hash, pathname: "/verify-email", search: "?a=1" })
const refused = (code: string, extra: object) => new ApiProblem(code, "", 401, {}, null, false, null, { ...extra })

describe("where a person goes after the log-in", () => {
  it("is a page of ours and never another site", () => {
    expect(ownPage("/trade/NOVA-USDC?x=1")).toBe("/trade/NOVA-USDC?x=1")
    for (const other of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", undefined, 7])
      expect(ownPage(other)).toBeNull()
  })
})

describe("a letter's token", () => {
  it("is taken out of the address", () => {
    const replaceState = vi.fn()
    expect(takeToken(place("#token=abc"), { replaceState, state: { k: 1 } })).toBe("abc")
    expect(replaceState).toHaveBeenCalledWith({ k: 1 }, "", "/verify-email?a=1")
  })

  it("is missing where the page was opened by hand, and the address stays", () => {
    const replaceState = vi.fn()
    expect(takeToken(place(""), { replaceState, state: null })).toBeNull()
    expect(takeToken(place("#token="), { replaceState, state: null })).toBeNull()
    expect(replaceState).not.toHaveBeenCalled()
  })
})

describe("a second factor", () => {
  it("is asked for with what the person has", () => {
    const told = { second_factor: { kinds: ["totp", "passkey"], passkey_options: { challenge: "x" } } }
    expect(askedFactor(refused("second_factor_required", told))).toEqual({
      kinds: ["totp", "passkey"],
      options: { challenge: "x" },
    })
  })

  it("is not asked for where the password was wrong", () => {
    expect(askedFactor(refused("invalid_credentials", {}))).toBeNull()
  })
})

describe("a provider's redirect", () => {
  it("tells state, code and issuer, or the refusal", () => {
    expect(redirectOf("?state=s&code=c&iss=https%3A%2F%2Fa")).toEqual({ state: "s", code: "c", iss: "https://a", error: null })
    expect(redirectOf("?state=s&error=access_denied")?.error).toBe("access_denied")
    expect(redirectOf("?code=c")).toBeNull()
  })
})
