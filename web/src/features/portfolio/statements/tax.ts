/** Reads the tax report's file (RFC 4180) and adds it up by kind. */

import { add } from "@cse/core"

export interface TaxSum {
  kind: string
  lines: number
  proceeds: string
  cost: string
  gain: string
}

const AMOUNTS = ["proceeds", "cost", "gain"] as const

/** Rows of cells; quotes are taken off, a doubled one inside is one. */
export function readCsv(file: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g
  for (const [whole, quoted, plain, end] of file.matchAll(cells)) {
    if (whole === "" && row.length === 0) break
    row.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'))
    if (end === ",") continue
    rows.push(row)
    row = []
  }
  return rows
}

/** One sum for each kind of disposal, in the order in which they first come. */
export function sumsOf(file: string): readonly TaxSum[] {
  const [header = [], ...rows] = readCsv(file.replace(/^\ufeff/, ""))
  const sums = new Map<string, TaxSum>()
  for (const row of rows) {
    const cell = (name: string): string => row[header.indexOf(name)] ?? ""
    const kind = cell("kind")
    const so = sums.get(kind) ?? { kind, lines: 0, proceeds: "0", cost: "0", gain: "0" }
    const amounts = AMOUNTS.map((name) => [name, add(so[name], cell(name))] as const)
    sums.set(kind, { ...so, ...Object.fromEntries(amounts), lines: so.lines + 1 })
  }
  return [...sums.values()]
}
