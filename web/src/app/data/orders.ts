/** Own open orders and the fills since the page opened, kept by the stream. */

import { type AccountFill, type Order, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import { useChannel } from "@/stream/hooks"
import { api } from "../exchange"
import { useSession } from "./person"

const NO_ORDERS: readonly Order[] = []
const NO_FILLS: readonly AccountFill[] = []

/** What `user.orders` keeps: sdk/README.md. */
interface Kept {
  orders: readonly Order[]
  fills: readonly AccountFill[]
}

export interface OpenOrders {
  /** Newest first, at most 1,000 while the stream is not there. */
  orders: readonly Order[]
  /** Oldest first; since the connection began. */
  fills: readonly AccountFill[]
  pending: boolean
  error: Error | null
}

/** Own open orders, of one market or of all. */
export function useOpenOrders(market: string | null = null): OpenOrders {
  const { isPerson } = useSession()
  const live = useChannel<Kept>(isPerson ? "user.orders" : null)
  const query = useQuery({
    queryKey: ["orders", { status: "open" }],
    queryFn: async () =>
      told(await api.GET("/api/orders", { params: { query: { status: "open", limit: 1000 } } })).orders as readonly Order[],
    enabled: isPerson && live === null,
  })
  const orders = useMemo(() => {
    const all = isPerson ? (live?.orders.toReversed() ?? query.data ?? NO_ORDERS) : NO_ORDERS
    return market === null ? all : all.filter((each) => each.market === market)
  }, [isPerson, live, query.data, market])
  const fills = useMemo(() => {
    const all = isPerson ? (live?.fills ?? NO_FILLS) : NO_FILLS
    return market === null ? all : all.filter((each) => each.market === market)
  }, [isPerson, live, market])
  return { orders, fills, pending: isPerson && live === null && query.isPending, error: live === null ? query.error : null }
}
