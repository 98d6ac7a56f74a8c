/** What the account is worth and what it cost: docs/reference/portfolio.md says how each number is made. */

import { type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { api } from "../exchange"
import { PATIENT } from "./asking"
import { useSession } from "./person"

export type Portfolio = components["schemas"]["Portfolio"]
export type PortfolioAsset = components["schemas"]["PortfolioAsset"]
export type Method = "fifo" | "average"

const EVERY_MS = 10_000

/** The portfolio by a cost method; looked at again every ten seconds. */
export function usePortfolio(method: Method = "fifo") {
  const { isPerson } = useSession()
  return useQuery({
    queryKey: ["portfolio", { method }],
    queryFn: async () => told(await api.GET("/api/portfolio", { params: { query: { method } } })),
    enabled: isPerson,
    refetchInterval: EVERY_MS,
    ...PATIENT,
  })
}
