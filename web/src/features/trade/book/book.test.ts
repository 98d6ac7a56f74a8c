import { describe, expect, it } from "vitest"
import { depth, rungs, spreadOf } from "./ladder"
import { levelKey, ownPrices } from "./own-levels"
import { Press } from "./press"
import { bookChannel, stepChoices, usableStep } from "./steps"

const LEVELS = [
  ["1.2000", "10.00"],
  ["1.1999", "0.50"],
  ["1.1990", "89.50"],
] as const

const order = (side: "buy" | "sell", price: string, status = "open") => ({ side, price, status }) as never

describe("rungs", () => {
  it("sums from the best price on, exactly", () => {
    expect(rungs(LEVELS, depth(LEVELS)).map((rung) => rung.sum)).toEqual(["10.00", "10.50", "100.00"])
    expect(rungs(LEVELS, depth(LEVELS)).at(-1)?.cost).toBe("119.910450")
  })

  it("tells the average price up to a level, rounded at half", () => {
    expect(rungs(LEVELS, depth(LEVELS)).map((rung) => rung.average)).toEqual(["1.2000", "1.2000", "1.1991"])
  })

  it("draws bars as parts of the deeper side", () => {
    expect(rungs(LEVELS, 20_000n).map((rung) => rung.sumPart)).toEqual([0.05, 0.052, 0.5])
  })

  it("has nothing for an empty side", () => {
    expect(rungs([], 1n)).toEqual([])
  })
})

describe("spreadOf", () => {
  it("tells the distance in the price's units and in parts of the middle", () => {
    expect(spreadOf("1.2000", "1.2004")).toEqual({ spread: "0.0004", ppm: 333, mid: "1.2002" })
  })

  it("prints a middle between two ticks with one digit more", () => {
    expect(spreadOf("1.2000", "1.2001")?.mid).toBe("1.20005")
  })

  it("has none with an empty side", () => {
    expect(spreadOf(null, "1.2")).toBeNull()
  })
})

describe("price steps", () => {
  it("are the tick, then 1, 2 and 5 times powers of ten, whole ticks, up to a twentieth of the price", () => {
    expect(stepChoices("0.0001", "1.2431")).toEqual(["0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01", "0.02"])
    expect(stepChoices("0.05", "12.00")).toEqual(["0.05", "0.1", "0.2", "0.5"])
    expect(stepChoices("3", "1000")).toEqual(["3"])
  })

  it("name the channel as the exchange writes it", () => {
    expect(bookChannel("NOVA-USDC", "0.0001", "0.0001")).toBe("orderbook.NOVA-USDC")
    expect(bookChannel("NOVA-USDC", "0.0001", "0.010")).toBe("orderbook.NOVA-USDC.step=0.01")
  })

  it("forget a step that the market does not have", () => {
    expect(usableStep("0.00005", "0.0001")).toBe("0.0001")
    expect(usableStep(undefined, "0.0100")).toBe("0.01")
  })
})

describe("a press on a row", () => {
  it("counts when the price is the same on release", () => {
    const [press, row] = [new Press(), {}]
    press.begin(row, "1.2431")
    expect(press.end(row, "1.2431")).toBe("click")
  })

  it("is dropped when the row's price changed in between", () => {
    const [press, row] = [new Press(), {}]
    press.begin(row, "1.2431")
    expect(press.end(row, "1.2430")).toBe("moved")
  })

  it("is nothing when released on another row, or twice", () => {
    const [press, row] = [new Press(), {}]
    press.begin(row, "1.2431")
    expect(press.end({}, "1.2431")).toBe("elsewhere")
    expect(press.end(row, "1.2431")).toBe("elsewhere")
  })
})

describe("own levels", () => {
  it("round as the book of that step does: bids down, asks up", () => {
    const own = ownPrices([order("buy", "1.2439"), order("sell", "1.2441")], "0.001")
    expect([...own.buy.keys()]).toEqual([levelKey("1.2430")])
    expect([...own.sell.keys()]).toEqual([levelKey("1.2450")])
  })

  it("leave out what waits for a trigger", () => {
    expect(ownPrices([order("buy", "1.2", "pending_trigger")], "0.1").buy.size).toBe(0)
  })
})
