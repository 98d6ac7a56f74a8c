import { describe, expect, it } from "vitest"
import { draftOf, NOVA } from "./market.fixture"
import { amountFor, bandOf, holdOf, percentOf, quantityFor, shareOf, sized, totalOf } from "./sizing"

describe("quantity and total", () => {
  it("is exact to the unit of the quote asset", () => {
    expect(totalOf(NOVA, "1.2431", "0.13")).toBe("0.161603")
    expect(totalOf(NOVA, "1.2431", "")).toBe("")
  })

  it("buys whole lots, never for more than the total", () => {
    expect(quantityFor(NOVA, "1.2500", "100")).toBe("80.00")
    expect(quantityFor(NOVA, "1.2501", "100")).toBe("79.99")
    expect(quantityFor(NOVA, "0", "100")).toBe("")
  })

  it("turns a total into lots and tells what these cost", () => {
    const draft = draftOf({ price: "1.2501", amountIn: "quote", amount: "100" })
    expect(sized(NOVA, draft)).toEqual({ quantity: "79.99", total: "99.995499" })
  })

  it("keeps the total of a market buy as its budget", () => {
    expect(sized(NOVA, draftOf({ type: "market", amountIn: "quote", amount: "100" }))).toEqual({ quantity: "", total: "100" })
  })
})

describe("a share of what is available", () => {
  it("rounds down", () => {
    expect(shareOf("100.000001", 50)).toBe("50.000000")
    expect(shareOf("0.000001", 99)).toBe("0.000000")
    expect(shareOf("33.33", 100)).toBe("33.33")
  })

  it("never makes a buy that costs more than there is", () => {
    const { amount = "" } = amountFor(NOVA, draftOf({ price: "1.2431" }), "100.000000", 100)
    expect(amount).toBe("80.44")
    expect(totalOf(NOVA, "1.2431", amount)).toBe("99.994964")
  })

  it("makes a market buy a budget, and a sell whole lots", () => {
    expect(amountFor(NOVA, draftOf({ type: "market" }), "100.000000", 25)).toEqual({ amount: "25.000000", amountIn: "quote" })
    expect(amountFor(NOVA, draftOf({ side: "sell", price: "1" }), "10.019999", 100)).toEqual({ amount: "10.01" })
  })

  it("is read back for the slider", () => {
    expect(percentOf("100.00", "25.00")).toBe(25)
    expect(percentOf("100.00", "250.00")).toBe(100)
    expect(percentOf("0", "5")).toBe(0)
  })
})

describe("the price band (MATCH-071)", () => {
  it("stands around the last trade, before the first one around the reference price", () => {
    expect(bandOf(NOVA, "1.0001", draftOf({}))).toEqual({ low: "0.8001", high: "1.2001" })
    expect(bandOf(NOVA, null, draftOf({}))).toEqual({ low: "1.0000", high: "1.5000" })
  })

  it("stands around the trigger of an order that waits", () => {
    expect(bandOf(NOVA, "1.0000", draftOf({ type: "stop_loss_limit", trigger: "2" }))).toEqual({ low: "1.6000", high: "2.4000" })
  })

  it("is at least one tick wide and never below one tick", () => {
    expect(bandOf(NOVA, "0.0001", draftOf({}))).toEqual({ low: "0.0001", high: "0.0002" })
  })
})

describe("what an order holds (MATCH-060)", () => {
  it("is price times quantity, the budget, the quantity, or the cost at the band's upper edge", () => {
    expect(holdOf(NOVA, draftOf({ price: "1.25", amount: "10" }), "1.0000")).toEqual({ amount: "12.500000", asset: "USDC" })
    expect(holdOf(NOVA, draftOf({ type: "market", amountIn: "quote", amount: "7" }), "1.0000").amount).toBe("7")
    expect(holdOf(NOVA, draftOf({ side: "sell", price: "1.25", amount: "10" }), null)).toEqual({ amount: "10", asset: "NOVA" })
    expect(holdOf(NOVA, draftOf({ type: "market", amount: "10" }), "1.0000").amount).toBe("12.000000")
  })
})
