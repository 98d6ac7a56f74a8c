import type { Trade } from "@cse/core"
import { describe, expect, it } from "vitest"
import { next, START } from "./tape"

const trade = (trade_id: number) => ({ trade_id }) as Trade

describe("the tape", () => {
  it("shows the newest first", () => {
    expect(next(START, [trade(1), trade(2)], false).trades.map((each) => each.trade_id)).toEqual([2, 1])
  })

  it("stands still while it is held, and counts what waits", () => {
    const held = next(next(START, [trade(1)], false), [trade(1), trade(2), trade(3)], true)
    expect(held.trades).toHaveLength(1)
    expect(held.waiting).toBe(2)
    expect(next(held, [trade(1), trade(2), trade(3)], false)).toMatchObject({ waiting: 0 })
  })

  it("keeps what it shows while the stream is not right", () => {
    expect(next(next(START, [trade(1)], false), null, false)).toMatchObject({ behind: true, trades: [trade(1)] })
  })
})
