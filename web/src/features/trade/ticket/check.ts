/** Why an order cannot be sent as it stands: the same rules as the exchange's, told before it is asked. */

import { type Account, compare, isStep, type Market } from "@cse/core"
import { bandOf, holdOf, quantityFor, sized } from "./sizing"
import { type Draft, hasPrice, isTriggered } from "./draft"

export type FieldName = "price" | "trigger" | "amount" | "expires"

/** A text of `ticket.reasons`, what stands in it, and the field to go to. `quiet`: nothing is wrong, something is missing. */
export interface Reason {
  key: string
  values?: Readonly<Record<string, string>>
  field?: FieldName
  quiet?: boolean
}

export interface Situation {
  market: Market
  draft: Draft
  /** The last trade's price; null before the first one. */
  last: string | null
  account: Account | null
  /** Own open orders in this market, waiting ones included (MATCH-072). */
  openHere: number
  /** What is free of the asset that the order holds. */
  available: string
  isPerson: boolean
  nowMs: number
}

type Rule = (now: Situation) => Reason | null

/** The first reason, in the order in which the exchange looks (matching.md, "Order of checks"); null: it can be sent. */
export function reasonAgainst(now: Situation): Reason | null {
  for (const rule of RULES) {
    const found = rule(now)
    if (found) return found
  }
  return null
}

const STATUS: Record<Exclude<Market["status"], "open">, string> = {
  halted: "halted",
  cancel_only: "cancelOnly",
  closed: "closed",
}

function marketStatus({ market }: Situation): Reason | null {
  return market.status === "open" ? null : { key: STATUS[market.status], values: { market: market.market } }
}

function person({ isPerson }: Situation): Reason | null {
  return isPerson ? null : { key: "loggedOut", quiet: true }
}

function accountStatus({ account }: Situation): Reason | null {
  if (account === null || account.status === "open") return null
  return { key: account.status === "frozen" ? "frozen" : "accountClosed" }
}

function trigger({ market, draft, last }: Situation): Reason | null {
  if (!isTriggered(draft.type)) return null
  const asked = draft.trigger
  if (asked === "") return { key: "noTrigger", field: "trigger", quiet: true }
  if (compare(asked, "0") === 0 || !isStep(asked, market.tick_size)) return offTick("trigger", market)
  if (last === null || !isReached(draft, last)) return null
  return { key: fires(draft) === "above" ? "triggerBelow" : "triggerAbove", field: "trigger", values: { last } }
}

/** Whether the last price must rise to the trigger or fall to it (MATCH-030). */
export function fires(draft: Pick<Draft, "side" | "type">): "above" | "below" {
  const stops = draft.type === "stop_loss" || draft.type === "stop_loss_limit"
  return (draft.side === "buy") === stops ? "above" : "below"
}

/** Whether the last price has reached the trigger already (MATCH-031). */
export function isReached(draft: Draft, last: string): boolean {
  const side = compare(last, draft.trigger)
  return fires(draft) === "above" ? side >= 0 : side <= 0
}

function price({ market, draft, last }: Situation): Reason | null {
  if (!hasPrice(draft.type)) return null
  if (draft.price === "") return { key: "noPrice", field: "price", quiet: true }
  if (compare(draft.price, "0") === 0 || !isStep(draft.price, market.tick_size)) return offTick("price", market)
  const { low, high } = bandOf(market, last, draft)
  if (compare(draft.price, low) >= 0 && compare(draft.price, high) <= 0) return null
  return { key: "outOfBand", field: "price", values: { low, high, asset: market.quote } }
}

function offTick(field: "price" | "trigger", market: Market): Reason {
  return { key: "offTick", field, values: { step: market.tick_size, asset: market.quote } }
}

function amount(now: Situation): Reason | null {
  const { market, draft } = now
  if (draft.amount === "") return { key: "noAmount", field: "amount", quiet: true }
  const { quantity } = sized(market, draft)
  return quantity === "" ? null : quantityReason(market, quantity)
}

function quantityReason(market: Market, quantity: string): Reason | null {
  const about = (key: string, size: string): Reason => ({ key, field: "amount", values: { size, asset: market.base } })
  if (!isStep(quantity, market.lot_size)) return about("offLot", market.lot_size)
  if (compare(quantity, market.min_quantity) < 0) return about("tooSmall", market.min_quantity)
  if (compare(quantity, market.max_quantity) > 0) return about("tooLarge", market.max_quantity)
  return null
}

/** The value at the limit, else the trigger, else the last or reference price (MATCH-070). */
function notional({ market, draft, last }: Situation): Reason | null {
  const { quantity, total } = sized(market, draft)
  const at = draft.trigger !== "" && isTriggered(draft.type) ? draft.trigger : (last ?? market.reference_price)
  const small = total === "" ? compare(quantity, quantityFor(market, at, market.min_notional) || "0") < 0 : compare(total, market.min_notional) < 0
  return small ? { key: "tooCheap", field: "amount", values: { least: market.min_notional, asset: market.quote } } : null
}

function expires({ draft, nowMs }: Situation): Reason | null {
  if (draft.timeInForce !== "gtd") return null
  const at = expiryOf(draft)
  if (at === null) return { key: "noExpiry", field: "expires", quiet: true }
  return at <= nowMs ? { key: "expired", field: "expires" } : null
}

/** The expiry in Unix ms; null while there is none. */
export function expiryOf(draft: Pick<Draft, "expires">): number | null {
  const at = Date.parse(draft.expires)
  return Number.isNaN(at) ? null : at
}

function openOrders({ market, openHere }: Situation): Reason | null {
  if (openHere < market.max_open_orders) return null
  return { key: "tooManyOrders", values: { most: String(market.max_open_orders) } }
}

function funds({ market, draft, last, available }: Situation): Reason | null {
  const { amount: needed, asset } = holdOf(market, draft, last)
  if (needed === "" || compare(needed, available) <= 0) return null
  return { key: "notEnough", field: "amount", values: { asset, available, needed } }
}

const RULES: readonly Rule[] = [
  marketStatus,
  accountStatus,
  trigger,
  price,
  amount,
  notional,
  expires,
  person,
  openOrders,
  funds,
]
