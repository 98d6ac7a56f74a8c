import { expect, it } from "vitest"
import { depthOf, levelAt, rangeOf } from "./model"

const depth = depthOf([["100", "1"], ["98", "2"], ["50", "9"]], [["102", "3"], ["104", "4"]])

it("sums from the middle outward", () => {
  expect(depth.mid).toBe(101)
  expect(depth.bids.map(({ base }) => base)).toEqual([1, 3, 12])
  expect(depth.asks.map(({ quote }) => quote)).toEqual([306, 722])
})

it("finds what a price reaches; nothing between the sides", () => {
  expect(levelAt(depth, 98)).toMatchObject({ side: "bid", point: { base: 3 } })
  expect(levelAt(depth, 103.9)).toMatchObject({ side: "ask", point: { base: 3 } })
  expect(levelAt(depth, 101.5)).toBeNull()
})

it("is as high as what is in sight", () => {
  expect(rangeOf(depth, 0.05)?.most).toBe(7)
  expect(rangeOf(depthOf([], []), 0.05)).toBeNull()
})
