/** Where a tooltip stands: beside its element, on the other side at the window's edge, never outside of it. */

import { expect, it } from "vitest"
import { placed } from "./tooltip"

const SCREEN = { width: 400, height: 300 }
const BOX = { width: 80, height: 20 }

function anchorAt(left: number, top: number): Omit<DOMRect, "toJSON"> {
  return { x: left, y: top, left, top, width: 40, height: 24, right: left + 40, bottom: top + 24 }
}

it("stands below the middle of its element", () => {
  expect(placed(anchorAt(100, 100), "bottom", BOX, SCREEN)).toEqual({ x: 80, y: 130 })
})

it("stands above where there is no place below, and the other way round", () => {
  expect(placed(anchorAt(100, 270), "bottom", BOX, SCREEN).y).toBe(270 - 20 - 6)
  expect(placed(anchorAt(100, 2), "top", BOX, SCREEN).y).toBe(2 + 24 + 6)
})

it("stays inside the window at its corners", () => {
  for (const [left, top] of [
    [0, 0],
    [370, 0],
    [0, 280],
    [370, 280],
  ] as const)
    for (const side of ["top", "bottom", "left", "right"] as const) {
      const { x, y } = placed(anchorAt(left, top), side, BOX, SCREEN)
      expect(x).toBeGreaterThanOrEqual(8)
      expect(y).toBeGreaterThanOrEqual(8)
      expect(x + BOX.width).toBeLessThanOrEqual(SCREEN.width - 8)
      expect(y + BOX.height).toBeLessThanOrEqual(SCREEN.height - 8)
    }
})
