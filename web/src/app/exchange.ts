/** The one API client, session and connection of this tab. */

import { createApi, Live, Session } from "@cse/core"

const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
  "locks" in navigator ? (navigator.locks.request("cse.session", work) as Promise<T>) : work()

export const session = new Session({ fetch: (...call) => fetch(...call), exclusively })

let account: number | null = null

/** Chooses the sub-account that calls act on; null: the person's first account. */
export function actOn(accountId: number | null): void {
  account = accountId
}

/** The sub-account that calls act on; null: the person's first account. */
export function actingOn(): number | null {
  return account
}

export const api = createApi({ session, fetch: (...call) => fetch(...call), account: () => account })

const scheme = location.protocol === "https:" ? "wss" : "ws"
export const live = new Live({ url: `${scheme}://${location.host}/ws`, token: () => session.token(), account: actingOn })
