/**
 * Who is logged in. The access token lives here, in memory; the refresh token is a cookie that scripts cannot read.
 * Tabs take turns at refreshing, so that none of them uses a refresh token that another one has spent.
 */

import { ApiProblem, offline, problemOf } from "./problem.ts"

/** What a log-in or a refresh brings. */
export interface Tokens {
  access_token: string
  /** Seconds that the access token is good for. */
  expires_in: number
}

/** anonymous: nobody; unknown: the cookie was not tried yet. */
export type SessionState = "unknown" | "anonymous" | "person"

export interface SessionSettings {
  fetch: typeof fetch
  /** Where the API is; empty: where the page came from. */
  base?: string
  now?: () => number
  /** Runs `work` while no other tab does: the browser's `navigator.locks.request`. */
  exclusively?: <T>(work: () => Promise<T>) => Promise<T>
}

/** A token is changed for the next one so long before it ends, ms. */
const EARLY_MS = 30_000

export class Session {
  #token: string | null = null
  #endsMs = 0
  #state: SessionState = "unknown"
  #person: string | null = null
  #refreshing: Promise<string | null> | null = null
  readonly #listeners = new Set<(state: SessionState) => void>()

  constructor(private readonly settings: SessionSettings) {}

  get state(): SessionState {
    return this.#state
  }

  /** The id of who is logged in, as the token says; null for nobody. */
  get person(): string | null {
    return this.#person
  }

  /** Calls `listener` when somebody (or somebody else) logs in or is logged out; returns what ends that. */
  listen(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Takes what a log-in brought. */
  begin(tokens: Tokens): void {
    this.#take(tokens)
    this.#become("person", subjectOf(tokens.access_token))
  }

  /** Forgets who was logged in, here; `POST /api/auth/logout` ends it at the exchange. */
  end(): void {
    this.#token = null
    this.#become("anonymous", null)
  }

  /** Returns a token that is good now, null for nobody. Throws ApiProblem `offline` when it cannot be known. */
  async token(): Promise<string | null> {
    if (this.#token !== null && this.#now() < this.#endsMs - EARLY_MS) return this.#token
    if (this.#state === "anonymous") return null
    return await this.refresh()
  }

  /** Brings a new token, whatever became of the old one; null: the session is over. */
  refresh(): Promise<string | null> {
    this.#refreshing ??= this.#exclusively(() => this.#refresh()).finally(() => (this.#refreshing = null))
    return this.#refreshing
  }

  async #refresh(): Promise<string | null> {
    let response: Response
    try {
      response = await this.settings.fetch(`${this.settings.base ?? ""}/api/auth/refresh`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSE-Client": "web" },
        body: "{}",
      })
    } catch (cause) {
      throw offline(cause)
    }
    if (response.status === 204) {
      this.end() // this browser has no session
      return null
    }
    if (response.ok) {
      this.begin((await response.json()) as Tokens)
      return this.#token
    }
    const problem = problemOf(response, await response.json().catch(() => null))
    if (response.status !== 401 && response.status !== 400 && response.status !== 403) throw problem
    this.end()
    return null
  }

  #take(tokens: Tokens): void {
    this.#token = tokens.access_token
    this.#endsMs = this.#now() + tokens.expires_in * 1_000
  }

  #become(state: SessionState, person: string | null): void {
    if (state === this.#state && person === this.#person) return
    this.#state = state
    this.#person = person
    for (const listener of this.#listeners) listener(state)
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.settings.exclusively ? this.settings.exclusively(work) : work()
  }

  #now(): number {
    return (this.settings.now ?? Date.now)()
  }
}

/** Who an access token (a JWT) is of; null if it does not say. The server checks tokens, nobody here does. */
function subjectOf(token: string): string | null {
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")
    const claims: unknown = JSON.parse(atob(payload))
    return typeof claims === "object" && claims !== null && "sub" in claims ? String(claims.sub) : null
  } catch {
    return null // no JWT
  }
}

export { ApiProblem }
