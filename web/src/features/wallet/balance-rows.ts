/** Rows of the wallet: what is free and held of an asset, and what it is worth. */

import { add, type Balance, compare } from "@cse/core"

export interface BalanceRow {
  asset: string
  available: string
  held: string
  total: string
  /** In the reference currency; null while no market prices it. */
  value: string | null
}

interface Valued {
  asset: string
  value: string | null
}

/** What counts as small: worth less than one whole unit of the reference currency. */
const SMALL = "1"

/** Balances with their values, the largest first; those without a price last. */
export function rowsOf(balances: readonly Balance[], valued: readonly Valued[]): readonly BalanceRow[] {
  const values = new Map(valued.map((each) => [each.asset, each.value]))
  return balances
    .map((each) => ({ ...each, total: add(each.available, each.held), value: values.get(each.asset) ?? null }))
    .toSorted((a, b) => byValue(b, a) || (a.asset < b.asset ? -1 : 1))
}

export function byValue(a: BalanceRow, b: BalanceRow): number {
  if (a.value === null || b.value === null) return Number(a.value !== null) - Number(b.value !== null)
  return compare(a.value, b.value)
}

/** What a search and the switch leave: an asset without a price is never small, as nobody knows what it is worth. */
export function shown(rows: readonly BalanceRow[], typed: string, hideSmall: boolean): readonly BalanceRow[] {
  const word = typed.trim().toUpperCase()
  return rows.filter((row) => row.asset.includes(word) && !(hideSmall && row.value !== null && compare(row.value, SMALL) < 0))
}
