/** Numbers as people type and paste them: "1,234.50", "1.234,50", "1 234.5", full-width and Arabic digits. */

import { formatDecimal } from "./format.ts"

/** What was typed: a decimal ("1234.50"; "" for nothing yet), or why it is refused. */
export type Typed = { value: string } | { refused: "not_a_number" | "ambiguous" }

const SPACES = /[\s'’\u00a0\u202f]/g
const GROUPED = /^\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*$/

/** Reads a number that is not negative; nothing is rounded, and what can be read in two ways is refused, not guessed. */
export function readTyped(text: string, locale: string): Typed {
  const plain = latin(text).replace(SPACES, "")
  if (plain === "") return { value: "" }
  if (!/^[\d.,]+$/.test(plain) || !/\d/.test(plain)) return { refused: "not_a_number" }
  const marks = plain.replace(/\d/g, "")
  if (marks === "") return { value: tidy(plain, "") }
  if (marks.length === 1) return oneMark(plain, marks, locale)
  return manyMarks(plain, marks)
}

/** One mark is the decimal point, unless it stands where this locale groups thousands: then nobody can know. */
function oneMark(plain: string, mark: string, locale: string): Typed {
  const [whole = "", fraction = ""] = plain.split(mark)
  const point = formatDecimal("0.1", locale).charAt(1)
  const couldGroup = mark !== point && fraction.length === 3 && /^[1-9]\d{0,2}$/.test(whole)
  return couldGroup ? { refused: "ambiguous" } : { value: tidy(whole, fraction) }
}

/** With several marks the last one is the point if it differs from the others; these must group by three. */
function manyMarks(plain: string, marks: string): Typed {
  const last = marks.charAt(marks.length - 1)
  const same = [...marks].every((mark) => mark === last)
  const cut = same ? plain.length : plain.lastIndexOf(last)
  const whole = plain.slice(0, cut)
  if (!GROUPED.test(whole)) return { refused: "not_a_number" }
  return { value: tidy(whole.replace(/[.,]/g, ""), plain.slice(cut + 1)) }
}

/** "007" is "7", ".5" is "0.5". */
function tidy(whole: string, fraction: string): string {
  const start = whole.replace(/^0+(?=\d)/, "") || "0"
  return fraction === "" ? start : `${start}.${fraction}`
}

/** Arabic, Persian and full-width digits and marks in plain ones. */
function latin(text: string): string {
  return text
    .replace(/[٠-٩]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0x0660))
    .replace(/[۰-۹]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0x06f0))
    .replace(/[０-９]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0xff10))
    .replace(/[٫．。]/g, ".")
    .replace(/[٬，、]/g, ",")
}

/** Prints a decimal to be edited: with the locale's point, without grouping. */
export function forTyping(decimal: string, locale: string): string {
  return decimal.replace(".", formatDecimal("0.1", locale).charAt(1))
}
