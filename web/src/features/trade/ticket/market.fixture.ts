import type { Market } from "@cse/core"
import { type Draft, EMPTY } from "./draft"

/** A market for tests: ticks of 0.0001, lots of 0.01, a quote asset of six decimals. */
export const NOVA: Market = {
  market: "NOVA-USDC",
  market_id: 1,
  base: "NOVA",
  quote: "USDC",
  tick_size: "0.0001",
  lot_size: "0.01",
  min_quantity: "0.10",
  max_quantity: "1000000.00",
  min_notional: "1.000000",
  price_band: "0.200000",
  reference_price: "1.2500",
  status: "open",
  maker_fee_ppm: 1_000,
  taker_fee_ppm: 2_000,
  max_open_orders: 200,
  price_decimals: 4,
  quantity_decimals: 2,
}

export function draftOf(change: Partial<Draft>): Draft {
  return { ...EMPTY, ...change }
}
