/** Reasons of the ticket in words. */

import { formatDecimal } from "@cse/core"
import type { TFunction } from "i18next"
import i18next from "i18next"
import type { FieldName, Reason } from "./check"
import type { Ticket } from "./use-ticket"

/** A reason as a sentence; amounts in it are printed for this language. */
export function reasonText(t: TFunction<"trade">, reason: Reason): string {
  const values = Object.entries(reason.values ?? {}).map(([name, value]) => [name, printed(value)])
  return t(`reasons.${reason.key}`, Object.fromEntries(values) as Record<string, string>)
}

/** The error under a field: what is wrong there, not what is missing still. */
export function shownError(t: TFunction<"trade">, ticket: Ticket, field: FieldName): string | undefined {
  const { reason } = ticket
  return reason?.field === field && !reason.quiet ? reasonText(t, reason) : undefined
}

function printed(value: string): string {
  return /^\d+(\.\d+)?$/.test(value) ? formatDecimal(value, i18next.language) : value
}
