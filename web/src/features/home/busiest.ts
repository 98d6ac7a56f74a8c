import { compare, type Market, type Ticker } from "@cse/core"

export interface Busy {
  market: Market
  ticker: Ticker | null
}

/** Markets that are open before others, the largest 24-hour volume first; markets of one volume by symbol. */
export function byVolume(markets: readonly Market[], tickers: readonly Ticker[]): readonly Busy[] {
  const byName = new Map(tickers.map((ticker) => [ticker.market, ticker]))
  const rows = markets.map((market): Busy => ({ market, ticker: byName.get(market.market) ?? null }))
  return rows.toSorted(
    (a, b) =>
      Number(b.market.status === "open") - Number(a.market.status === "open") ||
      compare(b.ticker?.quote_volume ?? "0", a.ticker?.quote_volume ?? "0") ||
      (a.market.market < b.market.market ? -1 : 1),
  )
}
