import type { AccountFill } from "@cse/core"
import { expect, it } from "vitest"
import { averagePrice, marksOf } from "./marks"

function fill(trade: number, time: number, side: "buy" | "sell", price: string, quantity: string): AccountFill {
  return { trade_id: trade, order_id: 1, time, side, price, quantity } as AccountFill
}

it("gathers fills of one candle and side, exactly, none twice", () => {
  const fills = [fill(1, 61_000, "buy", "1.2000", "1.00"), fill(2, 62_000, "buy", "1.2300", "2.00"), fill(2, 62_000, "buy", "1.2300", "2.00"), fill(3, 63_000, "sell", "1.3000", "0.10"), fill(4, 10_000, "buy", "1.1000", "5.00")]
  const marks = marksOf(fills, "1m")
  expect(marks.map(({ time, side, count, quantity }) => [time, side, count, quantity])).toEqual([
    [0, "buy", 1, "5.00"],
    [60_000, "buy", 2, "3.00"],
    [60_000, "sell", 1, "0.10"],
  ])
  expect(marks.map(averagePrice)).toEqual(["1.1000", "1.2200", "1.3000"])
})
