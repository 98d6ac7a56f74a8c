/** Rows of the list of markets: joined with their tickers, searched, in the order of a tab. */

import { changePpm, compare, type Market, type Ticker } from "@cse/core"

export const TABS = ["all", "favourites", "gainers", "losers", "newest", "volume"] as const
export type Tab = (typeof TABS)[number]

export interface Row {
  market: Market
  ticker: Ticker | null
  /** Change over 24 hours in parts per million; null without a trade in them. */
  changePpm: number | null
}

const NEWEST = 50

/** The row that was made of a market last. */
const made = new WeakMap<Market, Row>()

/** Markets with their tickers, by symbol; a row whose market and ticker stand is the same one as before. */
export function join(markets: readonly Market[], tickers: readonly Ticker[]): readonly Row[] {
  const byName = new Map(tickers.map((ticker) => [ticker.market, ticker]))
  return markets.map((market) => {
    const ticker = byName.get(market.market) ?? null
    const was = made.get(market)
    if (was?.ticker === ticker) return was
    const change = ticker?.open && ticker.last ? changePpm(ticker.open, ticker.last) : null
    const row = { market, ticker, changePpm: change }
    made.set(market, row)
    return row
  })
}

/** Whether a market's symbol or one of its assets has what was typed, whatever its case; "nova usdc" finds NOVA-USDC. */
export function matches(row: Row, typed: string): boolean {
  const words = typed.toUpperCase().split(/[\s/-]+/).filter(Boolean)
  return words.every((word) => row.market.market.includes(word))
}

/** The rows of a tab; sorting by a column comes on top of it. */
export function ofTab(rows: readonly Row[], tab: Tab, favourites: readonly string[]): readonly Row[] {
  if (tab === "favourites") return rows.filter((row) => favourites.includes(row.market.market))
  if (tab === "gainers") return rows.filter((row) => (row.changePpm ?? 0) > 0).toSorted((a, b) => byChange(b, a))
  if (tab === "losers") return rows.filter((row) => (row.changePpm ?? 0) < 0).toSorted(byChange)
  if (tab === "newest") return rows.toSorted((a, b) => b.market.market_id - a.market.market_id).slice(0, NEWEST)
  if (tab === "volume") return rows.toSorted((a, b) => byVolume(b, a))
  return rows
}

export function byName(a: Row, b: Row): number {
  return a.market.market < b.market.market ? -1 : a.market.market > b.market.market ? 1 : 0
}

/** Markets without a change stand below every loss. */
export function byChange(a: Row, b: Row): number {
  return (a.changePpm ?? Number.NEGATIVE_INFINITY) - (b.changePpm ?? Number.NEGATIVE_INFINITY) || byName(a, b)
}

export function byVolume(a: Row, b: Row): number {
  return compare(a.ticker?.quote_volume ?? "0", b.ticker?.quote_volume ?? "0")
}

export function byPrice(a: Row, b: Row): number {
  return compare(priceOf(a), priceOf(b))
}

/** The last price, before a market's first trade the one that it was listed with. */
export function priceOf(row: Row): string {
  return row.ticker?.last ?? row.market.reference_price
}
