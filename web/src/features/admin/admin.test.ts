/** What the office computes: percent and parts per million, what a search asks, who sees which room, whole exports. */

import { ApiProblem } from "@cse/core"
import openapi from "@cse/core/openapi.json"
import { describe, expect, it, vi } from "vitest"

vi.mock("@/app/exchange", () => ({ api: {}, session: {}, live: {} }))

const { REASON } = await import("./act-dialog")
const { readExport } = await import("./export-audit")
const { percent, ppmOf } = await import("./ppm")
const { SECTIONS, sectionsFor } = await import("./sections")
const { filterOf } = await import("./sections/audit")
const { searchOf } = await import("./sections/users")

describe("percent", () => {
  it("is read back as the parts per million that were printed", () => {
    for (const ppm of [0, 1, 10, 1_000, 1_500, 999_999, 1_000_000]) {
      expect(ppmOf(percent(ppm).replace(" %", ""))).toBe(ppm)
    }
    expect(percent(1_500)).toBe("0.15 %")
  })

  it("is refused where it is finer than a millionth, negative, above 100 or no number", () => {
    for (const typed of ["0.00001", "-1", "100.0001", "", "1,5", "1e2"]) expect(ppmOf(typed)).toBeNull()
  })
})

describe("a search for people", () => {
  it("knows addresses, accounts and handles apart", () => {
    expect(searchOf(" ada@example.com ")).toEqual({ email: "ada@example.com" })
    expect(searchOf("1007")).toEqual({ account_id: 1007 })
    expect(searchOf("ada7")).toEqual({ handle: "ada7" })
    expect(searchOf("  ")).toEqual({})
  })
})

describe("a search of the audit log", () => {
  it("asks for what was typed, times as Unix milliseconds", () => {
    const typed = { act: " user.register ", actor: "", object: "", ip: "", session_id: "", from: "2026-11-22T10:00:00Z", to: "" }
    expect(filterOf(typed)).toEqual({ act: "user.register", from_ms: Date.UTC(2026, 10, 22, 10) })
  })
})

describe("reasons", () => {
  it("are held to the pattern that the exchange holds them to", () => {
    expect(REASON.source).toBe(openapi.components.schemas.ReasonOnly.properties.reason.pattern)
  })
})

describe("rooms", () => {
  it("are shown to whoever may enter them, and none to others", () => {
    expect(sectionsFor([])).toEqual([])
    expect(sectionsFor(["fees.read"]).map((each) => each.key)).toEqual(["fees"])
    expect(sectionsFor(SECTIONS.flatMap((each) => each.permissions))).toHaveLength(SECTIONS.length)
  })
})

const page = (text: string, next?: string): Response =>
  new Response(text, next === undefined ? {} : { headers: { "Next-Cursor": next } })

describe("an export", () => {
  it("has every page in order and the header line once", async () => {
    const asked: string[] = []
    const pages = [page("number,act\r\n1,a\r\n", "two"), page("number,act\r\n2,b\r\n")]
    const seen: number[] = []
    const blob = await readExport("csv", async (url) => (asked.push(url), pages.shift() ?? page("")), (n) => seen.push(n))
    expect(await blob.text()).toBe("number,act\r\n1,a\r\n2,b\r\n")
    expect(asked).toEqual(["/api/admin/audit/export.csv", "/api/admin/audit/export.csv?cursor=two"])
    expect(seen).toEqual([1, 2])
  })

  it("stops with the exchange's problem, and gives no half of a file", async () => {
    const refused = new Response('{"code":"forbidden","detail":"no"}', { status: 403 })
    const call = readExport("ndjson", async () => refused, () => undefined)
    await expect(call).rejects.toThrowError(ApiProblem)
  })
})
