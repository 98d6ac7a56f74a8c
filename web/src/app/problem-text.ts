/**
 * What went wrong, in the person's words and language: common:problems.<code>, or what only happens in one place
 * (auth:problems.<code>), which is loaded with it.
 */

import { ApiProblem } from "@cse/core"
import type { TFunction } from "i18next"

const PLACES = ["common", "auth", "account", "admin"] as const
type AnyT = TFunction<never> | TFunction

/** Says a problem in words; a code without words of ours is told in the API's own (English) ones. */
export function problemText(t: AnyT, problem: unknown): string {
  const say = t as unknown as (key: string | readonly string[], options: Record<string, unknown>) => string
  if (!(problem instanceof ApiProblem)) return say("common:problems.ours", {})
  const seconds = problem.retryAfterS
  const waits = seconds !== null && (problem.status === 429 || problem.status === 503)
  const key = `problems.${problem.code}`
  const said = say(
    PLACES.map((place) => `${place}:${key}`),
    { defaultValue: problem.detail },
  )
  return waits ? `${said} ${say("common:problems.waitSeconds", { count: seconds })}` : said
}
