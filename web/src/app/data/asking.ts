/** How to ask for what the server adds up from history: `portfolio_behind` means that it will be there soon. */

import { ApiProblem } from "@cse/core"
import { keepPreviousData } from "@tanstack/react-query"

const BEHIND = "portfolio_behind"
/** How long we ask on while the server adds up a long history, a second apart. */
const BEHIND_TRIES = 600

/** Whether to ask again: what is behind gets there, what got lost is worth three tries. */
export function asksAgain(failures: number, refused: Error): boolean {
  if (!(refused instanceof ApiProblem) || !refused.retryable) return false
  return failures < (refused.code === BEHIND ? BEHIND_TRIES : 3)
}

/** Milliseconds until then. */
export function asksAgainAfter(failures: number, refused: Error): number {
  const said = refused instanceof ApiProblem ? refused.retryAfterS : null
  return said === null ? Math.min(1_000 * 2 ** failures, 30_000) : said * 1_000
}

/** Whether the server is still adding up: what was refused last said so. */
export function isBehind(refused: Error | null): boolean {
  return refused instanceof ApiProblem && refused.code === BEHIND
}

/** How portfolios are asked for; what was shown stays until another method or range is there. */
export const PATIENT = { retry: asksAgain, retryDelay: asksAgainAfter, placeholderData: keepPreviousData } as const
