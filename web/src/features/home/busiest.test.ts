import type { Market, Ticker } from "@cse/core"
import { describe, expect, it } from "vitest"
import { byVolume } from "./busiest"

const market = (name: string, status = "open") => ({ market: name, status }) as Market
const ticker = (name: string, volume: string) => ({ market: name, quote_volume: volume }) as Ticker

describe("the busiest markets", () => {
  it("come by volume as a number, halted ones and those without trades last", () => {
    const rows = byVolume(
      [market("HALT", "halted"), market("QUIET"), market("NINE"), market("TEN")],
      [ticker("HALT", "99.00"), ticker("NINE", "9.00"), ticker("TEN", "10.00")],
    )
    expect(rows.map((row) => row.market.market)).toEqual(["TEN", "NINE", "QUIET", "HALT"])
  })
})
