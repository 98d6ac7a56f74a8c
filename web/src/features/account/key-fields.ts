/** What a person types about a key, as the API wants it. */

/** Addresses and networks, one a line or with commas or blanks between them. */
export function allowlistOf(typed: string): string[] {
  return typed.split(/[\s,]+/).filter((each) => each !== "")
}

/** The end of a day (UTC) as Unix milliseconds; null: never. */
export function expiryOf(date: string): number | null {
  const day = Date.parse(`${date}T23:59:59.999Z`)
  return Number.isNaN(day) ? null : day
}
