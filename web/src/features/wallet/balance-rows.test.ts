import { describe, expect, it } from "vitest"
import { rowsOf, shown } from "./balance-rows"

const rows = rowsOf(
  [
    { asset: "DUST", available: "0.01", held: "0.00" },
    { asset: "ODD", available: "5", held: "0" },
    { asset: "NOVA", available: "10.50", held: "1.50" },
    { asset: "USDC", available: "9.000000", held: "0.000000" },
  ],
  [
    { asset: "DUST", value: "0.009999" },
    { asset: "ODD", value: null },
    { asset: "NOVA", value: "10.100000" },
    { asset: "USDC", value: "9.000000" },
  ],
)

describe("the wallet's rows", () => {
  it("add what is free and held, exactly", () => {
    expect(rows.find((row) => row.asset === "NOVA")?.total).toBe("12.00")
  })

  it("stand by value as numbers, without a price last", () => {
    expect(rows.map((row) => row.asset)).toEqual(["NOVA", "USDC", "DUST", "ODD"])
  })

  it("hide what is small, but never what nobody can price", () => {
    expect(shown(rows, "", true).map((row) => row.asset)).toEqual(["NOVA", "USDC", "ODD"])
  })

  it("are found by any case", () => {
    expect(shown(rows, " usd ", false).map((row) => row.asset)).toEqual(["USDC"])
  })
})
