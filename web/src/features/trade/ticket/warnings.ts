/** What is allowed but may not be what the person wants: texts of `warnings`, with how much it is. */

import { hasPrice } from "./draft"
import { beyondPpm, FAR_PRICE_PPM, leavesRest, SLIPPAGE_WARNING_PPM, slippagePpm } from "./estimate"
import type { Ticket } from "./use-ticket"

export interface Warning {
  key: string
  /** Parts per million, where the text has a percentage. */
  ppm?: number
}

/** The price that the order would trade at first. */
export function bestPrice({ draft, ticker }: Pick<Ticket, "draft" | "ticker">): string | null | undefined {
  return draft.side === "buy" ? ticker?.best_ask : ticker?.best_bid
}

type About = Pick<Ticket, "draft" | "ticker" | "market" | "preview">

/** A price that is far from the best one, or would be on average. */
function priceWarnings(about: About): Warning[] {
  const { draft, preview, ticker } = about
  const slippage = slippagePpm(preview, bestPrice(about)) ?? 0
  const beyond = beyondPpm(draft, ticker?.best_bid, ticker?.best_ask)
  const found: Warning[] = []
  if (slippage >= SLIPPAGE_WARNING_PPM) found.push({ key: `slippage.${draft.side}`, ppm: slippage })
  if (beyond >= FAR_PRICE_PPM) found.push({ key: `beyond.${draft.side}`, ppm: beyond })
  return found
}

export function warningsOf(about: About): Warning[] {
  const { draft, market, preview, ticker } = about
  const found = priceWarnings(about)
  if (leavesRest(market, draft, preview, ticker?.last ?? null)) found.push({ key: "rest" })
  if (draft.postOnly && preview?.would_take === true) found.push({ key: "wouldTake" })
  if (!hasPrice(draft.type) && draft.type !== "market") found.push({ key: "noPriceAtTrigger" })
  return found
}
