/** How this person likes the trade page on this device; kept in the browser. */

import { create } from "zustand"
import { persist } from "zustand/middleware"

export type BookView = "both" | "asks" | "bids"
export type BottomTab = "open" | "history" | "fills" | "balances"
export type Preset = "chart" | "ladder" | "wide"

/** Sizes of the desk's panels, pixels. */
export interface Sizes {
  book: number
  ticket: number
  tape: number
  bottom: number
}

/** How the desk is arranged. */
export interface Arrangement {
  sizes: Sizes
  /** The panel below is folded to its tabs. */
  bottomFolded: boolean
  /** The book's column is folded away. */
  bookFolded: boolean
}

export interface TradeSettings extends Arrangement {
  lastMarket: string | null
  /** The arrangement that was saved as one's own. */
  own: Arrangement | null
  bookView: BookView
  /** Bars and the third column tell sums from the best price on, not single levels. */
  cumulative: boolean
  /** The book's price step by market. */
  steps: Readonly<Record<string, string>>
  bottomTab: BottomTab
  onlyThisMarket: boolean
  /** Columns that are hidden, by table. */
  hidden: Readonly<Record<string, readonly string[]>>
}

export const PRESETS: Readonly<Record<Preset, Arrangement>> = {
  chart: { sizes: { book: 310, ticket: 300, tape: 172, bottom: 200 }, bottomFolded: false, bookFolded: false },
  ladder: { sizes: { book: 460, ticket: 320, tape: 120, bottom: 150 }, bottomFolded: false, bookFolded: false },
  wide: { sizes: { book: 310, ticket: 300, tape: 172, bottom: 200 }, bottomFolded: true, bookFolded: true },
}

const DEFAULTS: TradeSettings = {
  lastMarket: null,
  ...PRESETS.chart,
  own: null,
  bookView: "both",
  cumulative: true,
  steps: {},
  bottomTab: "open",
  onlyThisMarket: true,
  hidden: {},
}

interface Store extends TradeSettings {
  set(change: Partial<TradeSettings>): void
}

export const useTradeSettings = create<Store>()(
  persist((set) => ({ ...DEFAULTS, set: (change) => set(change) }), { name: "cse.trade", version: 1 }),
)
