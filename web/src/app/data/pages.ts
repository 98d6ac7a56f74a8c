/** Own lists that come page by page, and the whole of each as a file. */

import { type AccountFill, type LedgerLine, type Order, told } from "@cse/core"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import { api } from "../exchange"
import { useSession } from "./person"

interface Page<T> {
  rows: readonly T[]
  next: string | null
}

export interface Pages<T> {
  rows: readonly T[]
  pending: boolean
  problem: Error | null
  hasMore: boolean
  loadingMore: boolean
  more: () => void
  retry: () => void
}

function usePages<T>(queryKey: readonly unknown[], ask: (cursor: string | undefined) => Promise<Page<T>>): Pages<T> {
  const { isPerson } = useSession()
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<T>) => page.next ?? undefined,
    enabled: isPerson,
  })
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data])
  return {
    rows,
    pending: isPerson && query.isPending,
    problem: query.error,
    hasMore: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    more: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
  }
}

const PAGE = 100

/** Closed orders, newest first; of one market or all. */
export function useHistory(market: string | null): Pages<Order> {
  return usePages(["orders", { status: "closed", market }], async (cursor) => {
    const query = { status: "closed" as const, limit: PAGE, ...(market && { market }), ...(cursor && { cursor }) }
    const { orders, next_cursor } = told(await api.GET("/api/orders", { params: { query } }))
    return { rows: orders, next: next_cursor }
  })
}

/** Own fills, newest first; of one market or all. */
export function useFills(market: string | null): Pages<AccountFill> {
  return usePages(["fills", { market }], async (cursor) => {
    const query = { limit: PAGE, ...(market && { market }), ...(cursor && { cursor }) }
    const { fills, next_cursor } = told(await api.GET("/api/fills", { params: { query } }))
    return { rows: fills, next: next_cursor }
  })
}

/** Every movement of own money, newest first; of one asset or all. */
export function useLedger(asset: string | null): Pages<LedgerLine> {
  return usePages(["ledger", { asset }], async (cursor) => {
    const query = { limit: PAGE, ...(asset && { asset }), ...(cursor && { cursor }) }
    const { ledger, next_cursor } = told(await api.GET("/api/ledger", { params: { query } }))
    return { rows: ledger, next: next_cursor }
  })
}

/** All closed and open orders as the exchange writes them, newest first. */
export async function ordersFile(market: string | null): Promise<Blob> {
  return told(await api.GET("/api/orders/export.csv", { params: { query: market ? { market } : {} }, parseAs: "blob" }))
}

/** All fills as the exchange writes them, newest first. */
export async function fillsFile(market: string | null): Promise<Blob> {
  return told(await api.GET("/api/fills/export.csv", { params: { query: market ? { market } : {} }, parseAs: "blob" }))
}

/** Every movement as the exchange writes it, newest first. */
export async function ledgerFile(asset: string | null): Promise<Blob> {
  return told(await api.GET("/api/ledger/export.csv", { params: { query: asset ? { asset } : {} }, parseAs: "blob" }))
}
