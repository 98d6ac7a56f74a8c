/** Tokens of letters: in the fragment of the address, so that they are in no log; taken out of it at once. */

import { useEffect, useState } from "react"

/** The token of `#token=...` when the page is first shown, which then leaves the address; null: there was none. */
export function useFragmentToken(): string | null {
  const [token] = useState(() => tokenOf(window.location.hash))
  // Not while rendering: a first render that waits for its texts is thrown away, and would take the token with it.
  useEffect(() => void takeToken(window.location, window.history), [])
  return token
}

/** Returns the token of a fragment and leaves the address without it. */
export function takeToken(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState" | "state">,
): string | null {
  const token = tokenOf(location.hash)
  if (token !== null) history.replaceState(history.state, "", location.pathname + location.search)
  return token
}

function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token") || null
}
