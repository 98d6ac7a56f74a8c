/** CSV of loaded rows (RFC 4180), for a spreadsheet: times in UTC, numbers as the API says them. */

/** What a spreadsheet would take for a formula (OWASP, "CSV Injection"). Signed numbers are none. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^[+-]?\d+(\.\d+)?$/

/** One cell: quoted where it must be, with an apostrophe before what would be a formula. */
export function cell(value: string): string {
  const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

/** Lines with CRLF, the names of the columns first. */
export function csv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n"
}
