/** What the pages of the portfolio ask for. All of it is the server's arithmetic: docs/reference/portfolio.md. */

import { type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useEffect, useRef } from "react"
import { useBalances } from "@/app/data/balances"
import { PATIENT } from "@/app/data/asking"
import { api } from "@/app/exchange"
import { queries } from "@/app/query"

export { isBehind } from "@/app/data/asking"
export { type Method, type Portfolio, type PortfolioAsset, usePortfolio } from "@/app/data/portfolio"
export type PortfolioHistory = components["schemas"]["PortfolioHistory"]
export type Point = components["schemas"]["PortfolioPoint"]
export type Range = PortfolioHistory["range"]

/** Values follow prices; the call weighs 20 (docs/reference/limits.md). */
const HISTORY_MS = 30_000
/** After own money moved: once in so long, however often it moves. */
const MOVED_MS = 1_000

/** Value over time. */
export function useValues(range: Range, enabled = true) {
  return useQuery({
    queryKey: ["portfolio", "history", { range }],
    queryFn: async () => told(await api.GET("/api/portfolio/history", { params: { query: { range } } })),
    refetchInterval: HISTORY_MS,
    enabled,
    ...PATIENT,
  })
}

/** Asks the lists under these keys anew when own money moved. */
export function useFreshness(...keys: readonly string[]): void {
  const { balances } = useBalances()
  const seen = useRef(balances)
  const due = useRef<ReturnType<typeof setTimeout> | null>(null)
  const names = keys.join(" ")
  useEffect(() => {
    if (seen.current === balances || due.current !== null) return
    seen.current = balances
    due.current = setTimeout(() => {
      due.current = null
      for (const key of names.split(" ")) void queries.invalidateQueries({ queryKey: [key] })
    }, MOVED_MS)
  }, [balances, names])
  useEffect(
    () => () => {
      if (due.current !== null) clearTimeout(due.current)
      due.current = null
    },
    [],
  )
}
