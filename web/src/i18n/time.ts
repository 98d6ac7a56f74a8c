/** Times in the words of a language, in the zone of this device unless another one is named. */

export type TimeForm = "time" | "date" | "datetime"

const LATIN = "-u-nu-latn"

const FORMS: Record<TimeForm | "full", Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  date: { year: "numeric", month: "short", day: "numeric" },
  datetime: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  full: {
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
    timeZoneName: "short",
  },
}

const printers = new Map<string, Intl.DateTimeFormat>()

function printer(form: TimeForm | "full", locale: string, zone: string | undefined): Intl.DateTimeFormat {
  const key = `${form} ${locale} ${zone ?? ""}`
  const made = printers.get(key) ?? new Intl.DateTimeFormat(locale + LATIN, { ...FORMS[form], timeZone: zone })
  printers.set(key, made)
  return made
}

/** Prints Unix ms as a time, a date or both. */
export function printTime(atMs: number, locale: string, form: TimeForm = "datetime", zone?: string): string {
  return printer(form, locale, zone).format(atMs)
}

/** Prints Unix ms to the millisecond with the zone's name: for hovers. */
export function fullTime(atMs: number, locale: string, zone?: string): string {
  return printer("full", locale, zone).format(atMs)
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_556_952_000],
  ["month", 2_629_746_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
]

/** Prints how long ago (or how far off) Unix ms is: "3 minutes ago". Below ten seconds it is "now". */
export function relativeTime(atMs: number, nowMs: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale + LATIN, { numeric: "auto" })
  const distance = atMs - nowMs
  if (Math.abs(distance) < 10_000) return words.format(0, "second")
  const [unit, width] = STEPS.find(([, size]) => Math.abs(distance) >= size) ?? (["second", 1_000] as const)
  return words.format(Math.trunc(distance / width), unit)
}
