/** The order that this ticket sends. */

import { ApiProblem, type OrderWithFills, type PlaceOrder, told } from "@cse/core"
import { useCallback, useState } from "react"
import { api } from "@/app/exchange"
import { queries } from "@/app/query"
import { type Calls, send, type Sending } from "./sending"

const calls: Calls = {
  place: async (order) => told(await api.POST("/api/orders", { body: order })),
  find: async (id) => {
    try {
      const path = { client_order_id: id }
      return told(await api.GET("/api/orders/by-client-id/{client_order_id}", { params: { path } }))
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.status === 404) return null
      throw problem
    }
  },
  pause: (ms) => new Promise((go) => setTimeout(go, ms)),
}

export interface UseSending {
  sending: Sending
  /** Sends; resolves with what became of it. */
  start: (order: PlaceOrder) => Promise<Sending>
  /** Forgets what became of the last one. */
  clear: () => void
}

export function useSending(): UseSending {
  const [sending, setSending] = useState<Sending>({ state: "idle" })
  const start = useCallback(async (order: PlaceOrder) => {
    const end = await send(order, calls, setSending)
    if (end.state === "done") void afterwards(end.result)
    return end
  }, [])
  return { sending, start, clear: useCallback(() => setSending({ state: "idle" }), []) }
}

/** What the stream does not bring: history and the account's number of open orders. */
async function afterwards(_result: OrderWithFills): Promise<void> {
  await Promise.all([queries.invalidateQueries({ queryKey: ["account"] }), queries.invalidateQueries({ queryKey: ["orders"] })])
}
