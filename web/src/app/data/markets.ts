/** Markets and their tickers: asked once, then kept by the stream. */

import { type Asset, type Market, type Ticker, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import { useChannel } from "@/stream/hooks"
import { api } from "../exchange"

const NO_MARKETS: readonly Market[] = []
const NO_TICKERS: readonly Ticker[] = []
const NO_ASSETS: readonly Asset[] = []

/** What a market's status row of the stream and its REST form have in common is what changes. */
type StatusRow = Partial<Market> & { market: string }

export interface MarketsState {
  markets: readonly Market[]
  pending: boolean
  error: Error | null
  retry: () => void
}

/** All markets with the status of now. */
export function useMarkets(): MarketsState {
  const query = useQuery({
    queryKey: ["markets"],
    queryFn: async () => told(await api.GET("/api/markets")).markets as readonly Market[],
    staleTime: 60_000,
  })
  const rows = useChannel<readonly StatusRow[]>("status")
  const markets = useMemo(() => withStatus(query.data ?? NO_MARKETS, rows), [query.data, rows])
  return { markets, pending: query.isPending, error: query.error, retry: () => void query.refetch() }
}

/** One market by name; null while it is not known, or if there is none. */
export function useMarket(name: string): { market: Market | null; pending: boolean; error: Error | null } {
  const { markets, pending, error } = useMarkets()
  return { market: markets.find((each) => each.market === name) ?? null, pending, error }
}

/** All tickers, at most once a second anew. `stale`: they are from the last answer, not from the stream. */
export function useTickers(): { tickers: readonly Ticker[]; pending: boolean; stale: boolean; error: Error | null } {
  const live = useChannel<readonly Ticker[]>("tickers")
  const query = useQuery({
    queryKey: ["tickers"],
    queryFn: async () => told(await api.GET("/api/tickers")).tickers as readonly Ticker[],
    staleTime: 30_000,
  })
  return {
    tickers: live ?? query.data ?? NO_TICKERS,
    pending: live === null && query.isPending,
    stale: live === null,
    error: live === null ? query.error : null,
  }
}

/** One market's ticker, at most four times a second anew; while the stream has none, the one of all tickers. */
export function useTicker(name: string): Ticker | null {
  const one = useChannel<{ ticker: Ticker }>(`ticker.${name}`)
  const { tickers } = useTickers()
  return one?.ticker ?? tickers.find((each) => each.market === name) ?? null
}

/** All assets with their decimals. */
export function useAssets(): readonly Asset[] {
  const query = useQuery({
    queryKey: ["assets"],
    queryFn: async () => told(await api.GET("/api/assets")).assets as readonly Asset[],
    staleTime: 300_000,
  })
  return query.data ?? NO_ASSETS
}

/** Puts what the stream says of each market over what REST said; markets that REST does not know yet wait for it. */
function withStatus(markets: readonly Market[], rows: readonly StatusRow[] | null): readonly Market[] {
  if (rows === null) return markets
  const byName = new Map(rows.map((row) => [row.market, row]))
  return markets.map((market) => {
    const row = byName.get(market.market)
    return row === undefined ? market : { ...market, ...row }
  })
}
