/** Signing in elsewhere: the providers that this exchange has set up. */

import { told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { api } from "./exchange"

/** Names as the providers write them: not translated. */
export const PROVIDER_NAMES = { discord: "Discord", x: "X", youtube: "YouTube" } as const
export type Provider = keyof typeof PROVIDER_NAMES

/** The providers that this exchange has. */
export function useProviders(): readonly Provider[] {
  const found = useQuery({
    queryKey: ["providers"],
    queryFn: async () => told(await api.GET("/api/auth/providers")).providers,
    staleTime: 60_000,
  })
  return found.data ?? []
}

/** Leaves the page for the provider's; it comes back to /oauth/callback. */
export async function goTo(provider: Provider, purpose: "sign_in" | "link"): Promise<void> {
  const call = { params: { path: { provider } }, body: { purpose } }
  const { authorization_url } = told(await api.POST("/api/auth/oauth/{provider}/start", call))
  window.location.assign(authorization_url)
}
