import { told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { api } from "@/app/exchange"

/** What one of these accounts has free of an asset, as the exchange prints it; null while it is asked. */
export function useAvailableIn(accountId: string, asset: string): string | null {
  const headers = { "X-CSE-ACCOUNT": accountId }
  const query = useQuery({
    queryKey: ["balances", accountId],
    queryFn: async () => told(await api.GET("/api/balances", { headers })).balances,
  })
  return query.data ? (query.data.find((each) => each.asset === asset)?.available ?? "0") : null
}
