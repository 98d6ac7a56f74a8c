import { describe, expect, it } from "vitest"
import { reasonAgainst, type Situation } from "./check"
import { changed, type Draft, EMPTY } from "./draft"
import { draftOf, NOVA } from "./market.fixture"
import { requestOf } from "./request"

function reason(draft: Partial<Draft>, more: Partial<Situation> = {}) {
  const now = { market: NOVA, draft: draftOf(draft), last: "1.2500", account: null, available: "120.00", isPerson: true, nowMs: 0, openHere: 0 }
  return reasonAgainst({ ...now, ...more })
}

describe("why an order cannot be sent", () => {
  it("has nothing against a good one", () => {
    expect(reason({ price: "1.25", amount: "10" })).toBeNull()
  })

  it("says exactly how much is missing", () => {
    expect(reason({ price: "1.25", amount: "100" })).toEqual({
      key: "notEnough",
      field: "amount",
      values: { asset: "USDC", available: "120.00", needed: "125.000000" },
    })
  })

  it.each([
    [{ price: "1.25001", amount: "10" }, "offTick"],
    [{ price: "1.6", amount: "10" }, "outOfBand"],
    [{ price: "1.25", amount: "10.001" }, "offLot"],
    [{ price: "1.25", amount: "0.05" }, "tooSmall"],
    [{ price: "1.25", amount: "0.10" }, "tooCheap"],
    [{ price: "1.25" }, "noAmount"],
    [{ amount: "1" }, "noPrice"],
    [{ type: "stop_loss" as const, trigger: "1.20", amount: "10" }, "triggerBelow"],
    [{ type: "stop_loss" as const, side: "sell" as const, trigger: "1.25", amount: "10" }, "triggerAbove"],
    [{ type: "take_profit" as const, trigger: "1.30", amount: "10" }, "triggerAbove"],
    [{ price: "1.25", amount: "10", timeInForce: "gtd" as const, expires: "1970-01-01T00:00" }, "expired"],
  ])("tells %o", (draft, key) => {
    expect(reason(draft, { nowMs: 86_400_000 })?.key).toBe(key)
  })

  it("puts the market's and the account's state first", () => {
    expect(reason({}, { market: { ...NOVA, status: "halted" } })?.key).toBe("halted")
    expect(reason({ price: "1.25", amount: "10" }, { openHere: 200 })?.key).toBe("tooManyOrders")
    expect(reason({ price: "1.25", amount: "10" }, { isPerson: false })).toEqual({ key: "loggedOut", quiet: true })
  })
})

describe("a change of the draft", () => {
  it("keeps its parts going together (MATCH-028)", () => {
    const posted = changed(EMPTY, { postOnly: true, timeInForce: "gtd" })
    expect(changed(posted, { type: "market" })).toMatchObject({ timeInForce: "ioc", postOnly: false })
    expect(changed({ ...EMPTY, type: "market", amountIn: "quote", amount: "9" }, { side: "sell" })).toMatchObject({
      amountIn: "base",
      amount: "",
    })
  })
})

describe("a change of the type", () => {
  it("does not leave a market order's haste to the limit order after it", () => {
    const market = changed(EMPTY, { type: "market" })
    expect(market.timeInForce).toBe("ioc")
    expect(changed(market, { type: "stop_loss_limit" }).timeInForce).toBe("gtc")
  })
})

describe("what is sent", () => {
  it("is a market buy by its budget", () => {
    const draft = draftOf({ type: "market", timeInForce: "ioc", amountIn: "quote", amount: "10.5" })
    expect(requestOf(NOVA, draft, "x")).toMatchObject({ quote_quantity: "10.500000", quantity: null, price: null, client_order_id: "x" })
  })

  it("is a limit order by a total as whole lots", () => {
    const draft = draftOf({ price: "1.2501", amountIn: "quote", amount: "100" })
    expect(requestOf(NOVA, draft, "x")).toMatchObject({ quantity: "79.99", quote_quantity: null, price: "1.2501" })
  })

  it("is nothing while something is missing", () => {
    expect(requestOf(NOVA, draftOf({ price: "1" }), "x")).toBeNull()
    expect(requestOf(NOVA, draftOf({ type: "stop_loss", amount: "1" }), "x")).toBeNull()
    expect(requestOf(NOVA, draftOf({ price: "1", amount: "1", timeInForce: "gtd" }), "x")).toBeNull()
  })
})
