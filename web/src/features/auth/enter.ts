/** What happens once somebody is in: the session begins, and they go where they wanted to. */

import type { Tokens } from "@cse/core"
import { useNavigate, useSearch } from "@tanstack/react-router"
import { session } from "@/app/exchange"

/** Where people go who wanted nowhere else. */
const HOME = "/markets"

/** Returns what begins the session and leaves the page. */
export function useEnter(): (tokens: Tokens) => Promise<void> {
  const navigate = useNavigate()
  const { next } = useSearch({ strict: false })
  return async (tokens) => {
    session.begin(tokens)
    await navigate({ href: ownPage(next) ?? HOME, replace: true })
  }
}

/** Returns an address of our own pages, null for anything else: nobody is sent elsewhere by a link to the log-in. */
export function ownPage(next: unknown): string | null {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : null
}
