/** How the exchange is, as far as this tab can know: asked over REST only while the stream is not there. */

import { ApiProblem, type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useEffect, useState, useSyncExternalStore } from "react"
import { useConnection } from "@/stream/hooks"
import { useMarkets } from "./data/markets"
import { api } from "./exchange"

export type Ready = components["schemas"]["Ready"]

/** offline: this device; unreachable: no answer; maintenance: it answers that it is not ready; halted: all markets. */
export type ExchangeState = "fine" | "offline" | "unreachable" | "maintenance" | "halted"

/** A connection that is away for less is nothing to tell, ms. */
const PATIENCE_MS = 3_000
const ASK_MS = 5_000

/** How the gateway and what it needs are doing; a 503 carries the same answer. */
export function useHealth(enabled = true, everyMs: number | false = false) {
  return useQuery({
    queryKey: ["health"],
    queryFn: async (): Promise<Ready> => {
      try {
        return told(await api.GET("/api/health/ready"))
      } catch (problem) {
        if (problem instanceof ApiProblem && "dependencies" in problem.extra) return problem.extra as unknown as Ready
        throw problem
      }
    },
    enabled,
    retry: false,
    refetchInterval: everyMs,
  })
}

/** What there is to say in a banner. */
export function useExchangeState(): ExchangeState {
  const online = useOnline()
  const away = useAway()
  const health = useHealth(online && away, ASK_MS)
  const { markets } = useMarkets()
  if (!online) return "offline"
  if (away && health.data?.status === "not_ready") return "maintenance"
  if (away && health.isError) return health.error instanceof ApiProblem && health.error.status > 0 ? "maintenance" : "unreachable"
  return markets.length > 0 && markets.every((each) => each.status === "halted") ? "halted" : "fine"
}

/** Whether the connection is away for longer than a moment. */
function useAway(): boolean {
  const state = useConnection()
  const lost = state === "connecting" || state === "closed" || state === "stale"
  const [away, setAway] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setAway(lost), lost ? PATIENCE_MS : 0)
    return () => clearTimeout(timer)
  }, [lost])
  return away && lost
}

/** Whether this device says that it has a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener("online", changed)
      window.addEventListener("offline", changed)
      return () => {
        window.removeEventListener("online", changed)
        window.removeEventListener("offline", changed)
      }
    },
    () => navigator.onLine,
  )
}
