/** All that the ticket's parts show: the draft, what it makes, what stands against it. */

import type { Account, Market, Preview, Ticker } from "@cse/core"
import { useAvailable } from "@/app/data/balances"
import { useAssets, useTicker } from "@/app/data/markets"
import { useOpenOrders } from "@/app/data/orders"
import { useAccount, useSession } from "@/app/data/person"
import { useNow } from "@/components/use-now"
import { type Reason, reasonAgainst } from "./check"
import { type Draft, useDraft, useDrafts } from "./draft"
import { quoteDecimals, type Sized, sized } from "./sizing"
import { usePreview } from "./use-preview"

export interface Ticket {
  market: Market
  ticker: Ticker | null
  draft: Draft
  change: (change: Partial<Draft>) => void
  /** What is free of the asset that this side spends. */
  available: string
  availableAsset: string
  /** Decimals of the asset that this side receives. */
  receivedDecimals: number
  isPerson: boolean
  account: Account | null
  sized: Sized
  reason: Reason | null
  preview: Preview | null
  previewPending: boolean
}

/** How often an expiry is compared with the clock, ms. */
const CLOCK_MS = 5_000

export function useTicket(market: Market): Ticket {
  const draft = useDraft(market.market)
  const changeDraft = useDrafts((store) => store.change)
  const ticker = useTicker(market.market)
  const { isPerson } = useSession()
  const { account } = useAccount()
  const availableAsset = draft.side === "buy" ? market.quote : market.base
  const received = draft.side === "buy" ? market.base : market.quote
  const assets = useAssets()
  const available = useAvailable(availableAsset)
  const openHere = useOpenOrders(market.market).orders.length
  const nowMs = useNow(draft.timeInForce === "gtd" ? CLOCK_MS : null)
  const last = ticker?.last ?? null
  const reason = reasonAgainst({ market, draft, last, account, available, isPerson, nowMs, openHere })
  // What the exchange would refuse is not asked: too little money is the one thing that a preview answers all the same.
  const worthAsking = isPerson && (reason === null || reason.key === "notEnough")
  const { preview, pending } = usePreview(market, draft, worthAsking)
  return {
    market,
    ticker,
    draft,
    change: (change) => changeDraft(market.market, change),
    available,
    availableAsset,
    receivedDecimals: assets.find((each) => each.asset === received)?.decimals ?? quoteDecimals(market),
    isPerson,
    account,
    sized: sized(market, draft),
    reason,
    preview,
    previewPending: pending,
  }
}
