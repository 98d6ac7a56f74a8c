import { describe, expect, it } from "vitest"
import { bytesOf, textOf } from "./webauthn-json"

describe("base64url", () => {
  it("has the examples of RFC 4648, without padding", () => {
    const written = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map((text) => textOf(new TextEncoder().encode(text).buffer))
    expect(written).toEqual(["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"])
  })

  it("uses - and _ for what base64 writes as + and /", () => {
    expect(textOf(new Uint8Array([0xfb, 0xff, 0xfe]).buffer)).toBe("-__-")
    expect([...bytesOf("-__-")]).toEqual([0xfb, 0xff, 0xfe])
  })

  it("reads every byte back", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    expect([...bytesOf(textOf(bytes.buffer))]).toEqual([...bytes])
  })
})
