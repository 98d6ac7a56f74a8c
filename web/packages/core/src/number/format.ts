/** Decimals for people: grouped by the locale, digit for digit what the API said, never rounded. */

import { changePpm, scaleOf } from "./decimal.ts"

interface Marks {
  group: string
  point: string
  minus: string
}

const known = new Map<string, Marks>()

/** Latin digits in every locale: prices are compared at a glance, and with those of other venues. */
export const DIGITS = "-u-nu-latn"

function marks(locale: string): Marks {
  const found = known.get(locale)
  if (found) return found
  const parts = new Intl.NumberFormat(locale + DIGITS, { useGrouping: true }).formatToParts(-1_234_567.8)
  const part = (type: string, otherwise: string): string => parts.find((each) => each.type === type)?.value ?? otherwise
  const made = { group: part("group", ","), point: part("decimal", "."), minus: part("minusSign", "-") }
  known.set(locale, made)
  return made
}

/** Prints a decimal with the locale's marks: formatDecimal("1234.50", "de") is "1.234,50". Every digit stays. */
export function formatDecimal(decimal: string, locale: string): string {
  const { group, point, minus } = marks(locale)
  const negative = decimal.startsWith("-")
  const [whole = "", fraction] = (negative ? decimal.slice(1) : decimal).split(".")
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group)
  return (negative ? minus : "") + grouped + (fraction === undefined ? "" : point + fraction)
}

/** Prints parts per million as percent with two decimals and its sign: 31_000 is "+3.10 %". */
export function formatPpm(ppm: number, locale: string, signed = true): string {
  return new Intl.NumberFormat(locale + DIGITS, {
    style: "percent",
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    signDisplay: signed ? "exceptZero" : "auto",
  }).format(ppm / 1_000_000)
}

/** Change between two decimals as percent; null where there is none to tell. */
export function formatChange(from: string | null, to: string | null, locale: string): string | null {
  if (from === null || to === null) return null
  const ppm = changePpm(from, to)
  return ppm === null ? null : formatPpm(ppm, locale)
}

/** Big volumes in short ("1.2M"): for overviews only, where the exact number is a hover away. */
export function formatCompact(decimal: string, locale: string): string {
  return new Intl.NumberFormat(locale + DIGITS, { notation: "compact", maximumSignificantDigits: 4 }).format(
    Number(decimal),
  )
}

/** A price's digits in two parts: what matters, and the zeros at its end that do not. */
export function faintZeros(decimal: string): readonly [main: string, faint: string] {
  if (scaleOf(decimal) === 0) return [decimal, ""]
  const main = decimal.replace(/\.?0+$/, "")
  return [main, decimal.slice(main.length)]
}
