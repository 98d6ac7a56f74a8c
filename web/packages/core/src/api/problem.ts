/** What the API says when it refuses: RFC 9457 with the exchange's own code. */

/** A refused call; `code` is one of docs/reference/api.md's, `offline` when no answer came, or what a client found in its place. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem"

  constructor(
    readonly code: string,
    readonly detail: string,
    /** The HTTP status; 0 without an answer. */
    readonly status: number,
    readonly fields: Readonly<Record<string, string>> = {},
    readonly requestId: string | null = null,
    readonly retryable: boolean = false,
    /** Whole seconds to wait, where the answer said so. */
    readonly retryAfterS: number | null = null,
    /** What else the problem document says, such as the `second_factors` that log-in asks for. */
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail)
  }

  /** Nobody can say whether it was done: ask by the client order id or send the same again. */
  get unknownOutcome(): boolean {
    return this.status === 0 || this.status === 500 || this.code === "outcome_unknown"
  }
}

/** Makes the problem of an answer that is none of 2xx; `body` is what it said, JSON or text. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const told = isRecord(body) ? body : {}
  const after = Number(response.headers.get("Retry-After") ?? "")
  return new ApiProblem(
    text(told.code) ?? "unknown",
    text(told.detail) ?? text(told.title) ?? `HTTP ${response.status}`,
    response.status,
    fieldsOf(told.fields),
    text(told.request_id) ?? response.headers.get("X-Request-Id"),
    told.retryable === true,
    Number.isInteger(after) && after > 0 ? after : null,
    told,
  )
}

/** Makes the problem of a call that got no answer. */
export function offline(cause: unknown): ApiProblem {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new ApiProblem("offline", detail, 0, {}, null, true)
}

function fieldsOf(value: unknown): Record<string, string> {
  if (Array.isArray(value)) {
    const pairs = value.filter(isRecord).map((item) => [text(item.field) ?? "", text(item.message ?? item.detail) ?? ""])
    return Object.fromEntries(pairs) as Record<string, string>
  }
  if (!isRecord(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, said]) => [name, String(said)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null
}
