/** Who uses this tab: sessions begin and end here and in other tabs; what belonged to a person goes with them. */

import { create } from "zustand"
import { forgetToasts } from "@/components/toasts"
import { actOn, api, live, session } from "./exchange"
import { queries } from "./query"

/** First words of query keys whose answers are the same for everybody. */
const PUBLIC = new Set([
  "assets",
  "candles",
  "health",
  "indicators",
  "markets",
  "orderbook",
  "people",
  "providers",
  "sparklines",
  "tickers",
  "time",
  "trades",
])

/** First words of query keys whose answers are the person's, whichever of their accounts calls act on. */
const OF_THE_PERSON = new Set(["admin", "auth", "identities", "identity", "identity-checks", "profile", "sub-accounts"])

type News = { now: "out" } | { now: "in"; person: string | null }

/** What presence needs of the router (which imports the shell, so that we cannot import it). */
export interface Ways {
  /** Goes to a page that is everybody's. */
  leave: () => Promise<void>
  /** Looks again whether this page may be shown. */
  look: () => Promise<void>
}

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("cse.session") : null
let ways: Ways | null = null
let person: string | null = null
/** Whether it is known who is here: before that the stream has nobody's channels, and pages wait for the answer. */
let known = false
/** What a closed channel says when its session is over. */
const OVER = /^session_(revoked|expired)/
let watching: (() => void) | null = null
/** Who another tab said is here: not to be told back. */
let toldBy: News["now"] | null = null

/** Whether somebody is about to be nobody: from then on nothing of theirs is asked for, which would be refused. */
export const useLeaving = create<boolean>(() => false)

/** Which of the own accounts calls act on; null: the first one. Of this tab, over reloads. */
export const useActing = create<{ accountId: number | null }>(() => ({ accountId: null }))

const ACTING = "cse.account"

/** Tries the session's cookie, and follows from now on who is logged in. */
export async function startPresence(chosen: Ways): Promise<void> {
  ways = chosen
  tabs?.addEventListener("message", ({ data }: MessageEvent<News>) => void hear(data))
  session.listen((state) => void (state === "person" ? arrived() : gone()))
  try {
    await session.token()
  } catch {
    // The exchange does not answer: the banner says so, and the next call that needs the session tries again.
  }
}

/** Logs out at the exchange, here and in all tabs. It is over here even if the exchange does not answer. */
export async function logOut(): Promise<void> {
  await leaving(async () => {
    const token = await session.token()
    session.end() // nothing is asked any more with a token that is about to be refused
    const headers = { Authorization: `Bearer ${token}` }
    await api.POST("/api/auth/logout", { headers, keepalive: true }) // also from a tab that is closed at once
  })
}

/** Goes to a page that is everybody's, does the work, and ends the session here, whatever became of the work. */
async function leaving(work: () => Promise<void>): Promise<void> {
  useLeaving.setState(true, true)
  try {
    await ways?.leave()
    await work()
  } finally {
    session.end()
    useLeaving.setState(false, true)
  }
}

/** Lets calls and streams be about another one of the own accounts; null: the first one. */
export function switchAccount(accountId: number | null): void {
  if (accountId === null) sessionStorage.removeItem(ACTING)
  else sessionStorage.setItem(ACTING, JSON.stringify([person, accountId]))
  act(accountId)
  live.renew()
  // What is there of the account before is not shown as this one's, not even until the answer comes.
  void queries.resetQueries({ predicate: ({ queryKey: [about] }) => !PUBLIC.has(String(about)) && !OF_THE_PERSON.has(String(about)) })
}

function act(accountId: number | null): void {
  actOn(accountId)
  useActing.setState({ accountId })
}

async function arrived(): Promise<void> {
  const before = person
  person = session.person
  if (before !== null && before !== person) return location.reload() // nothing of the one may be shown to the other
  act(kept())
  watch()
  tell({ now: "in", person })
  await lookAnew()
}

/**
 * Hears at once when this session is ended elsewhere: the stream closes a person's channels and says why. The refresh
 * that is then refused ends it here.
 */
function watch(): void {
  watching ??= live.use("user.balances", (event) => {
    if (event.type === "channel" && OVER.test(event.why)) void session.refresh().catch(() => undefined) // offline: the next call asks again
  })
}

async function gone(): Promise<void> {
  person = null
  watching?.()
  watching = null
  act(null)
  sessionStorage.removeItem(ACTING)
  queries.removeQueries({ predicate: ({ queryKey }) => !PUBLIC.has(String(queryKey[0])) })
  forgetToasts()
  tell({ now: "out" })
  await lookAnew()
}

/** Begins the stream anew as who is here now, and asks whether this page is theirs; not at the very start. */
async function lookAnew(): Promise<void> {
  const atStart = !known
  known = true
  if (atStart) return
  live.renew()
  await ways?.look()
}

/** The account that this tab acted on before it was loaded anew, if it was the same person's. */
function kept(): number | null {
  try {
    const [whose, accountId] = JSON.parse(sessionStorage.getItem(ACTING) ?? "[]") as [unknown?, unknown?]
    return whose === person && typeof accountId === "number" ? accountId : null
  } catch {
    return null // not ours
  }
}

function tell(news: News): void {
  const echo = toldBy === news.now
  toldBy = null
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of this origin, not a window
  if (!echo) tabs?.postMessage(news)
}

/** Does as another tab did. */
async function hear(news: News): Promise<void> {
  if (news.now === "in" && session.person === news.person) return
  if (news.now === "out" && session.state !== "person") return
  toldBy = news.now
  if (news.now === "in") await session.refresh()
  else await leaving(async () => undefined)
}
