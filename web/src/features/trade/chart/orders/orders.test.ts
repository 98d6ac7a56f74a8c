import type { Order } from "@cse/core"
import { describe, expect, it } from "vitest"
import { columnsOf } from "./columns"
import { type Drag, type DragEvent, dragged, shownPrice } from "./drag"
import { linesOf } from "./lines"
import { snap, stepped } from "./snap"

const market = { tick_size: "0.0005", price_decimals: 4 }

describe("snapping", () => {
  it("takes the nearest price on the grid, exact", () => {
    expect(snap(1.2302, market)).toBe("1.2300")
    expect(snap(1.23026, market)).toBe("1.2305")
    expect(snap(123_456_789.00049, market)).toBe("123456789.0005")
  })

  it("never goes below one tick", () => {
    expect(snap(-3, market)).toBe("0.0005")
    expect(stepped("0.0010", -5, market)).toBe("0.0005")
  })

  it("steps by ticks", () => {
    expect(stepped("1.2300", 10, market)).toBe("1.2350")
  })
})

function after(...events: DragEvent[]): Drag {
  return events.reduce(dragged, { at: "rest" } as Drag)
}

const move = (price: string): DragEvent => ({ do: "move", price })
const release = (ask: boolean): DragEvent => ({ do: "release", from: "1.2300", ask })

describe("dragging", () => {
  it("asks first, sends when agreed, and stays until the stream says so", () => {
    expect(after(move("1.2400"), release(true))).toEqual({ at: "asking", price: "1.2400" })
    expect(after(move("1.2400"), release(true), { do: "agree" })).toEqual({ at: "sending", price: "1.2400" })
    const done = after(move("1.2400"), release(true), { do: "agree" }, { do: "answered" })
    expect(shownPrice(done, "1.2300")).toBe("1.2400")
    expect(dragged(done, { do: "changed" })).toEqual({ at: "rest" })
  })

  it("sends at once where nobody wants to be asked", () => {
    expect(after(move("1.2400"), release(false))).toEqual({ at: "sending", price: "1.2400" })
  })

  it("sends nothing when it came back to where it was", () => {
    expect(after(move("1.2400"), move("1.2300"), release(false))).toEqual({ at: "rest" })
  })

  it("goes back when refused or dismissed", () => {
    expect(shownPrice(after(move("1.2400"), release(false), { do: "refused" }), "1.2300")).toBe("1.2300")
    expect(after(move("1.2400"), release(true), { do: "dismiss" })).toEqual({ at: "rest" })
    expect(after(move("1.2400"), { do: "dismiss" })).toEqual({ at: "rest" })
  })

  it("does not move while it is being sent, nor lose its place when a fill changes the order", () => {
    const sending = after(move("1.2400"), release(false))
    expect(dragged(sending, move("1.2500"))).toBe(sending)
    expect(after(move("1.2400"), { do: "changed" })).toEqual({ at: "moving", price: "1.2400" })
  })
})

function order(more: Partial<Order>): Order {
  return { id: 7, status: "open", price: null, trigger_price: null, ...more } as Order
}

describe("lines", () => {
  it("has one for the price, one for the trigger, and one cross for both", () => {
    const [trigger, price] = linesOf([order({ status: "pending_trigger", price: "1.2000", trigger_price: "1.2100" })])
    expect(trigger).toMatchObject({ lever: "trigger_price", price: "1.2100", dashed: true, cancels: true })
    expect(price).toMatchObject({ lever: "price", price: "1.2000", dashed: true, cancels: false })
  })

  it("shows only the price once the trigger was reached, and nothing for a market order", () => {
    expect(linesOf([order({ price: "1.2000", trigger_price: "1.2100" })])).toHaveLength(1)
    expect(linesOf([order({})])).toEqual([])
  })
})

describe("labels", () => {
  it("stand aside from those that they would cover", () => {
    expect(columnsOf([100, 10, 110, 40, 120])).toEqual([0, 0, 1, 0, 2])
    expect(columnsOf([])).toEqual([])
  })
})
