/** An exchange's log-in and one call, as fetch: tokens run out, refresh tokens are good once. */

import type { Tokens } from "@cse/core"

/** Answers like the exchange does; `calls` says what was asked. */
export class FakeExchange {
  readonly calls: string[] = []
  /** The access token that is good now. */
  good = 0
  /** The cookie of the browser; null: nobody is logged in. */
  cookie: number | null = 0
  person = "7"
  /** Lets the next refresh wait for this. */
  gate: Promise<void> = Promise.resolve()
  down = false

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(new URL(String(input instanceof Request ? input.url : input), "http://exchange"), input instanceof Request ? input : init)
    const { pathname } = new URL(request.url)
    this.calls.push(pathname)
    if (this.down) throw new TypeError("Failed to fetch")
    return pathname === "/api/auth/refresh" ? await this.#refresh() : this.#call(request)
  }

  tokens(): Tokens {
    return { access_token: this.token(), expires_in: 900 }
  }

  /** A JWT, unsigned, with a number of its own. */
  token(): string {
    const claims = btoa(JSON.stringify({ sub: this.person, n: this.good }))
    return `head.${claims}.signature`
  }

  async #refresh(): Promise<Response> {
    const sent = this.cookie
    await this.gate
    if (sent === null) return new Response(null, { status: 204 })
    if (sent !== this.cookie) return problem(401, "refresh_token_reused")
    this.cookie += 1
    this.good += 1
    return Response.json(this.tokens())
  }

  #call(request: Request): Response {
    const isGood = request.headers.get("Authorization") === `Bearer ${this.token()}`
    return isGood ? Response.json({ account: request.headers.get("X-CSE-ACCOUNT") }) : problem(401, "token_expired")
  }
}

export function problem(status: number, code: string): Response {
  return Response.json({ code, detail: code }, { status })
}
