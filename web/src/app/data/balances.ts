/** Own balances: asked once, then kept by the stream. */

import { type Balance, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import { useChannel } from "@/stream/hooks"
import { api } from "../exchange"
import { useSession } from "./person"

const NONE: readonly Balance[] = []

/** Balances that are or were lately not zero, by asset. */
export function useBalances(): { balances: readonly Balance[]; pending: boolean; error: Error | null } {
  const { isPerson } = useSession()
  const live = useChannel<readonly Balance[]>(isPerson ? "user.balances" : null)
  const query = useQuery({
    queryKey: ["balances"],
    queryFn: async () => told(await api.GET("/api/balances")).balances as readonly Balance[],
    enabled: isPerson,
  })
  const balances = isPerson ? (live ?? query.data ?? NONE) : NONE
  return { balances, pending: isPerson && live === null && query.isPending, error: live === null ? query.error : null }
}

/** What is free to use of an asset, as the exchange prints it; "0" without any. */
export function useAvailable(asset: string): string {
  const { balances } = useBalances()
  return useMemo(() => balances.find((each) => each.asset === asset)?.available ?? "0", [balances, asset])
}
