/** Rows in sight: all that the box shows are drawn, few others are, and never one that is not there. */

import { expect, it } from "vitest"
import { rowsInSight } from "./row-window"

it("draws every row that the box shows, wherever it is scrolled to", () => {
  const [row, box, count] = [28, 500, 1_000]
  for (let top = 0; top <= count * row - box; top += 97) {
    const { from, to } = rowsInSight(top, box, row, count)
    expect(from * row).toBeLessThanOrEqual(top)
    expect(to * row).toBeGreaterThanOrEqual(top + box)
    expect(to - from).toBeLessThanOrEqual(Math.ceil(box / row) + 2 * 12 + 1)
  }
})

it("draws what there is of a short list, and nothing of an empty one", () => {
  expect(rowsInSight(0, 500, 28, 3)).toEqual({ from: 0, to: 3 })
  expect(rowsInSight(0, 500, 28, 0)).toEqual({ from: 0, to: 0 })
})

it("stays inside the list when it became shorter than where it was scrolled to", () => {
  const { from, to } = rowsInSight(100_000, 500, 28, 50)
  expect(from).toBeLessThan(50)
  expect(to).toBe(50)
})
