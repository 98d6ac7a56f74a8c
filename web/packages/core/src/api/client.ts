/** The typed client of the REST API; its types are made from the exchange's OpenAPI document. */

import createClient, { type Client, type Middleware } from "openapi-fetch"
import { ApiProblem, offline, problemOf } from "./problem.ts"
import type { paths } from "./schema.d.ts"
import type { Session } from "./session.ts"

export type Api = Client<paths>

export interface ApiSettings {
  session: Session
  fetch: typeof fetch
  base?: string
  /** The sub-account that calls act on; null: the person's first account. */
  account?: () => number | null
}

/** Makes the client. Calls throw ApiProblem instead of answering an `error`: use `told(await api.GET(...))`. */
export function createApi(settings: ApiSettings): Api {
  const api = createClient<paths>({
    baseUrl: settings.base ?? "",
    fetch: (request) => send(settings, request),
    credentials: "same-origin",
  })
  const refuse: Middleware = {
    async onResponse({ response }) {
      if (response.ok || response.status === 304) return
      throw problemOf(response, await response.clone().json().catch(() => null))
    },
    onError({ error }) {
      return error instanceof ApiProblem ? error : offline(error)
    },
  }
  api.use(refuse)
  return api
}

/** Returns what a call brought; for answers without a body, undefined. */
export function told<T>(answer: { data?: T }): T {
  return answer.data as T
}

/** A token that is refused so is renewed; of a session that is over the refresh is refused, too, which ends it here. */
const RENEWED = new Set(["token_expired", "not_authenticated", "invalid_token", "session_revoked", "session_expired"])

/** Sends with the token of now; a token that was refused is renewed once. */
async function send(settings: ApiSettings, request: Request): Promise<Response> {
  const again = request.clone()
  const first = await settings.fetch(signed(settings, request, await settings.session.token()))
  if (first.status !== 401 || settings.session.state !== "person") return first
  const code = await problemCode(first)
  if (!RENEWED.has(code)) return first
  const token = await settings.session.refresh()
  return token === null ? first : await settings.fetch(signed(settings, again, token))
}

function signed(settings: ApiSettings, request: Request, token: string | null): Request {
  request.headers.set("X-CSE-Client", "web")
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`)
  const account = settings.account?.() ?? null
  // A call may name another account of its own.
  if (token !== null && account !== null && !request.headers.has("X-CSE-ACCOUNT")) request.headers.set("X-CSE-ACCOUNT", String(account))
  return request
}

async function problemCode(response: Response): Promise<string> {
  const body: unknown = await response.clone().json().catch(() => null)
  return typeof body === "object" && body !== null && "code" in body ? String(body.code) : ""
}
