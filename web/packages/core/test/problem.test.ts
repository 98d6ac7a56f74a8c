/** Whatever a refusal looks like, a problem comes of it that the app can tell. */

import { ApiProblem, offline, problemOf } from "@cse/core"
import { expect, it } from "vitest"

function answer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers })
}

it("takes code, detail, fields, request id and the pause from the document", () => {
  const problem = problemOf(answer(429, { "Retry-After": "7" }), {
    code: "rate_limited",
    detail: "Too much.",
    request_id: "r-1",
    retryable: true,
    fields: { price: "is too high" },
    second_factors: ["totp"],
  })
  expect(problem).toMatchObject({
    code: "rate_limited",
    detail: "Too much.",
    requestId: "r-1",
    retryable: true,
    retryAfterS: 7,
    fields: { price: "is too high" },
  })
  expect(problem.extra.second_factors).toEqual(["totp"])
  expect(problem.unknownOutcome).toBe(false)
})

it("reads fields that come as a list", () => {
  const fields = [{ field: "price", message: "bad" }, { field: "quantity", detail: "worse" }, "no field"]
  expect(problemOf(answer(400), { code: "invalid_request", fields }).fields).toEqual({ price: "bad", quantity: "worse" })
})

it.each([null, "text", [], { code: 7 }, { fields: null }])("makes a problem of a body that is none: %j", (body) => {
  const problem = problemOf(answer(502, { "X-Request-Id": "r-2" }), body)
  expect(problem).toBeInstanceOf(ApiProblem)
  expect(problem).toMatchObject({ code: "unknown", detail: "HTTP 502", requestId: "r-2", retryAfterS: null })
})

it.each([
  [0, "offline", true],
  [500, "internal_error", true],
  [503, "outcome_unknown", true],
  [503, "unavailable", false],
  [400, "invalid_amount", false],
])("knows whether HTTP %i %s may have been done", (status, code, unknown) => {
  expect(new ApiProblem(code, "", status).unknownOutcome).toBe(unknown)
})

it("calls what got no answer offline, and worth another try", () => {
  expect(offline(new TypeError("Failed to fetch"))).toMatchObject({ code: "offline", status: 0, retryable: true })
})
