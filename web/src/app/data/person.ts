/** Who is logged in, and what the app needs to know of them everywhere. */

import { type Account, type components, type SessionState, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useSyncExternalStore } from "react"
import { api, session } from "../exchange"
import { useLeaving } from "../presence"

export type Profile = components["schemas"]["OwnProfile"]
export type SubAccount = components["schemas"]["SubAccountJson"]

/** Whether somebody is logged in: "unknown" until the session's cookie was tried, and while they log out. */
export function useSession(): { state: SessionState; isPerson: boolean } {
  const isLeaving = useLeaving()
  const now = useSyncExternalStore(
    (changed) => session.listen(changed),
    () => session.state,
  )
  const state = isLeaving ? "unknown" : now
  return { state, isPerson: state === "person" }
}

/** The own profile: handle, names, roles, permissions; null for nobody and while it loads. */
export function useProfile(): Profile | null {
  const { isPerson } = useSession()
  const query = useQuery({
    queryKey: ["profile"],
    queryFn: async () => told(await api.GET("/api/profile")),
    enabled: isPerson,
    staleTime: 60_000,
  })
  return isPerson ? (query.data ?? null) : null
}

/** The account that calls act on: fees, limits, status. */
export function useAccount(): { account: Account | null; pending: boolean; error: Error | null } {
  const { isPerson } = useSession()
  const query = useQuery({
    queryKey: ["account"],
    queryFn: async () => told(await api.GET("/api/account")),
    enabled: isPerson,
    staleTime: 30_000,
  })
  return { account: isPerson ? (query.data ?? null) : null, pending: isPerson && query.isPending, error: query.error }
}

const NONE: readonly SubAccount[] = []

/** Asks for the own sub-accounts, oldest first: at most 1,000, more than anybody may have. */
export function useSubAccountsQuery() {
  const { isPerson } = useSession()
  return useQuery({
    queryKey: ["sub-accounts"],
    queryFn: async () => told(await api.GET("/api/sub-accounts", { params: { query: { limit: 1000 } } })).sub_accounts,
    enabled: isPerson,
    staleTime: 60_000,
  })
}

/** Own sub-accounts; none while they load, and of nobody. */
export function useSubAccounts(): readonly SubAccount[] {
  const { isPerson } = useSession()
  const query = useSubAccountsQuery()
  return isPerson ? (query.data ?? NONE) : NONE
}

/** Whether the person's roles let them do something; permissions are in docs/reference/permissions.md. */
export function useMay(permission: string): boolean {
  return useProfile()?.permissions.includes(permission) ?? false
}
