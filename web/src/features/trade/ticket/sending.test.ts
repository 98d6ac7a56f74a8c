import { ApiProblem, type OrderWithFills, type PlaceOrder } from "@cse/core"
import { describe, expect, it } from "vitest"
import { type Calls, send, type Sending } from "./sending"

const ORDER: PlaceOrder = { market: "NOVA-USDC", side: "buy", type: "market", post_only: false, self_trade_prevention: "none", client_order_id: "mine" }
const DONE = { order: { id: 7 }, fills: [] } as unknown as OrderWithFills
const LOST = new ApiProblem("offline", "no answer", 0)

interface Script {
  place: (OrderWithFills | ApiProblem)[]
  find?: (OrderWithFills | ApiProblem | null)[]
}

function answer<T>(from: (T | ApiProblem)[]): T {
  const next = from.shift()
  if (next === undefined) throw new Error("asked too often")
  if (next instanceof ApiProblem) throw next
  return next
}

/** Plays answers one after the other; keeps what was asked. */
function play(script: Script) {
  const asked: string[] = []
  const calls: Calls = {
    place: async (order) => {
      asked.push(`place ${order.client_order_id}`)
      return answer(script.place)
    },
    find: async (id) => {
      asked.push(`find ${id}`)
      return answer(script.find ?? [])
    },
    pause: async () => undefined,
  }
  const steps: Sending["state"][] = []
  return { asked, steps, end: send(ORDER, calls, ({ state }) => steps.push(state)) }
}

describe("sending an order", () => {
  it("is done with the first answer", async () => {
    const { asked, steps, end } = play({ place: [DONE] })
    expect(await end).toEqual({ state: "done", result: DONE })
    expect(steps).toEqual(["sending", "done"])
    expect(asked).toEqual(["place mine"])
  })

  it("is refused without another try", async () => {
    const { asked, end } = play({ place: [new ApiProblem("insufficient_funds", "no", 400)] })
    expect((await end).state).toBe("refused")
    expect(asked).toEqual(["place mine"])
  })

  it("asks by the client order id when the answer got lost, and does not send again", async () => {
    const { asked, steps, end } = play({ place: [LOST], find: [LOST, new ApiProblem("unavailable", "", 503, {}, null, true), DONE] })
    expect(await end).toEqual({ state: "done", result: DONE })
    expect(steps).toEqual(["sending", "asking", "done"])
    expect(asked).toEqual(["place mine", "find mine", "find mine", "find mine"])
  })

  it("believes that it did not arrive only when it was told so twice in a row", async () => {
    const { asked, end } = play({ place: [LOST], find: [null, LOST, null, null] })
    expect(await end).toEqual({ state: "lost", order: ORDER })
    expect(asked.filter((each) => each.startsWith("place"))).toHaveLength(1)
  })

  it("finds an order that arrived after the first question", async () => {
    expect((await play({ place: [LOST], find: [null, DONE] }).end).state).toBe("done")
  })
})
