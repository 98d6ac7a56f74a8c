/** How answers of the API are kept: fresh for a moment, asked again when the person comes back. */

import { ApiProblem } from "@cse/core"
import { QueryClient } from "@tanstack/react-query"

/** What the exchange refuses once, it refuses again; what got lost is worth three tries. */
function worthRetrying(failures: number, error: Error): boolean {
  return failures < 3 && error instanceof ApiProblem && error.retryable
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: worthRetrying, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
})
