/**
 * Sending an order once. Its client order id is made before the first attempt. When the answer does not come, nobody
 * knows whether the order was placed: then the exchange is asked by that id, and what is sent again has the same id,
 * so that one wish never becomes two orders (MATCH-083).
 */

import { ApiProblem, type OrderWithFills, type PlaceOrder } from "@cse/core"

/** idle; sending: no answer so far; asking: it got lost, the exchange is asked; lost: the exchange does not have it. */
export type Sending =
  | { state: "idle" }
  | { state: "sending"; order: PlaceOrder }
  | { state: "asking"; order: PlaceOrder }
  | { state: "lost"; order: PlaceOrder }
  | { state: "done"; result: OrderWithFills }
  | { state: "refused"; problem: unknown }

export interface Calls {
  place: (order: PlaceOrder) => Promise<OrderWithFills>
  /** Asks by client order id; null: the exchange does not have it. */
  find: (clientOrderId: string) => Promise<OrderWithFills | null>
  pause: (ms: number) => Promise<void>
}

/** Pauses between questions, ms; the last one repeats. */
const PAUSES_MS = [300, 700, 1_500, 3_000, 5_000]
/** An order that is under way may arrive after the question: so often it must not be there before it counts as lost. */
const ABSENT = 2

/** Sends an order and tells every step; returns the last one. `order.client_order_id` must be set. */
export async function send(order: PlaceOrder, calls: Calls, tell: (step: Sending) => void): Promise<Sending> {
  const told = (step: Sending): Sending => {
    tell(step)
    return step
  }
  told({ state: "sending", order })
  try {
    return told({ state: "done", result: await calls.place(order) })
  } catch (problem) {
    if (!(problem instanceof ApiProblem) || !problem.unknownOutcome) return told({ state: "refused", problem })
  }
  told({ state: "asking", order })
  return told(await ask(order, calls))
}

/** Asks until the exchange says whether it has the order. */
async function ask(order: PlaceOrder, calls: Calls): Promise<Sending> {
  const id = order.client_order_id
  if (!id) throw new Error("an order without a client order id was sent")
  let absent = 0
  for (let attempt = 0; ; attempt++) {
    await calls.pause(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0)
    try {
      const result = await calls.find(id)
      if (result) return { state: "done", result }
      absent += 1
    } catch (problem) {
      if (!isPassing(problem)) return { state: "refused", problem }
      absent = 0
    }
    if (absent >= ABSENT) return { state: "lost", order }
  }
}

/** No answer, or one that says to come back: then asking goes on. */
function isPassing(problem: unknown): boolean {
  return problem instanceof ApiProblem && (problem.unknownOutcome || problem.retryable || problem.status >= 500)
}
