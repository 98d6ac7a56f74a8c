import { expect, it } from "vitest"
import { begin, MAX_STEPS, redo, step, undo } from "./history"

it("takes back and does again; a new step ends what was taken back", () => {
  const three = [1, 2, 3].reduce(step, begin(0))
  expect(undo(undo(three)).present).toBe(1)
  expect(redo(undo(undo(three))).present).toBe(2)
  expect(redo(step(undo(three), 9)).present).toBe(9)
  expect(undo(begin(0)).present).toBe(0)
})

it("remembers so many steps", () => {
  let history = begin(0)
  for (let value = 1; value <= MAX_STEPS + 20; value++) history = step(history, value)
  expect(history.past).toHaveLength(MAX_STEPS)
})
