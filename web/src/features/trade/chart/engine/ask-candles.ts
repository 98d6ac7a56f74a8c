/** Candles of a market from the API. */

import { told } from "@cse/core"
import { api } from "@/app/exchange"
import type { AskPage } from "./candle-feed"

export function askCandles(market: string): AskPage {
  return async ({ interval, from, to, limit }) => {
    const query = { interval, limit, fill: "true" as const, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    return told(await api.GET("/api/candles/{market}", { params: { path: { market }, query } }))
  }
}
