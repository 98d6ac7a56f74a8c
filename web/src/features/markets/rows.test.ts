import type { Market, Ticker } from "@cse/core"
import { describe, expect, it } from "vitest"
import { join, matches, ofTab } from "./rows"

const market = (name: string, id: number) => ({ market: name, market_id: id, reference_price: "1.00" }) as Market
const ticker = (name: string, open: string | null, last: string | null, volume: string) =>
  ({ market: name, open, last, quote_volume: volume }) as Ticker

const rows = join(
  [market("LYRA-USDC", 1), market("NOVA-USDC", 2), market("ORBIT-USDC", 3), market("QUIET-USDC", 4)],
  [ticker("LYRA-USDC", "1.00", "1.10", "9.00"), ticker("NOVA-USDC", "2.00", "1.00", "10.00"), ticker("ORBIT-USDC", "1.00", "1.20", "0.50")],
)
const names = (found: typeof rows) => found.map((row) => row.market.base ?? row.market.market.split("-")[0])

describe("the list of markets", () => {
  it("tells changes in parts per million, none where nothing was traded", () => {
    expect(rows.map((row) => row.changePpm)).toEqual([100_000, -500_000, 200_000, null])
  })

  it("are the same rows where neither market nor ticker is another one", () => {
    const markets = [market("A-USDC", 1), market("B-USDC", 2)]
    const [one, other] = [ticker("A-USDC", "1.00", "1.10", "9.00"), ticker("B-USDC", "2.00", "1.00", "10.00")]
    const before = join(markets, [one, other])
    const after = join(markets, [one, { ...other, last: "2.50" }])
    expect(after[0]).toBe(before[0])
    expect(after[1]).toMatchObject({ ticker: { last: "2.50" }, changePpm: 250_000 })
  })

  it("has the largest gain first, the largest loss first, and leaves out what did not move", () => {
    expect(names(ofTab(rows, "gainers", []))).toEqual(["ORBIT", "LYRA"])
    expect(names(ofTab(rows, "losers", []))).toEqual(["NOVA"])
  })

  it("orders volumes as numbers, not as texts", () => {
    expect(names(ofTab(rows, "volume", []))).toEqual(["NOVA", "LYRA", "ORBIT", "QUIET"])
  })

  it("has what was listed last first", () => {
    expect(names(ofTab(rows, "newest", []))).toEqual(["QUIET", "ORBIT", "NOVA", "LYRA"])
  })

  it("keeps favourites only", () => {
    expect(names(ofTab(rows, "favourites", ["NOVA-USDC", "GONE-USDC"]))).toEqual(["NOVA"])
  })

  it.each(["nova", "NOVA/USDC", "va us", " nova-usdc "])("finds NOVA-USDC by %j", (typed) => {
    expect(names(rows.filter((row) => matches(row, typed)))).toEqual(["NOVA"])
  })
})
