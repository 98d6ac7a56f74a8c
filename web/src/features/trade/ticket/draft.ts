/** An order as it is being written: texts as typed, decimals without a sign, "" for nothing yet. */

import type { Order } from "@cse/core"
import { create } from "zustand"

export type Side = Order["side"]
export type OrderType = Order["type"]
export type TimeInForce = Order["time_in_force"]
export type SelfTrade = Order["self_trade_prevention"]

export interface Draft {
  side: Side
  type: OrderType
  price: string
  trigger: string
  /** What `amount` counts: the base asset, or the quote asset's total. */
  amountIn: "base" | "quote"
  amount: string
  timeInForce: TimeInForce
  /** As `<input type=datetime-local>` has it: the time of this device. */
  expires: string
  postOnly: boolean
  selfTrade: SelfTrade
}

export const EMPTY: Draft = {
  side: "buy",
  type: "limit",
  price: "",
  trigger: "",
  amountIn: "base",
  amount: "",
  timeInForce: "gtc",
  expires: "",
  postOnly: false,
  selfTrade: "expire_maker",
}

/** Types that wait for the last price to reach a trigger. */
export function isTriggered(type: OrderType): boolean {
  return type !== "limit" && type !== "market"
}

/** Types with a limit price. */
export function hasPrice(type: OrderType): boolean {
  return type === "limit" || type === "stop_loss_limit" || type === "take_profit_limit"
}

/** Whether the total can be given: always with a price, else for buys alone (MATCH-028). */
export function takesTotal(draft: Pick<Draft, "side" | "type">): boolean {
  return hasPrice(draft.type) || draft.side === "buy"
}

/** Times in force that a type may have: without a price nothing rests. */
export function timesInForce(type: OrderType): readonly TimeInForce[] {
  return hasPrice(type) ? ["gtc", "ioc", "fok", "gtd"] : ["ioc", "fok"]
}

/** Puts a change into a draft, so that its parts still go together (MATCH-028). */
export function changed(draft: Draft, change: Partial<Draft>): Draft {
  const next = { ...draft, ...change }
  // What a market order had to be is no wish for the limit order that follows.
  if (hasPrice(next.type) && !hasPrice(draft.type)) next.timeInForce = "gtc"
  const allowed = timesInForce(next.type)
  if (!allowed.includes(next.timeInForce)) next.timeInForce = allowed[0] ?? "gtc"
  if (!canPost(next)) next.postOnly = false
  if (next.amountIn === "quote" && !takesTotal(next)) Object.assign(next, { amountIn: "base", amount: "" })
  return next
}

/** Whether an order of this kind may be asked to rest and never take. */
export function canPost(draft: Pick<Draft, "type" | "timeInForce">): boolean {
  return hasPrice(draft.type) && (draft.timeInForce === "gtc" || draft.timeInForce === "gtd")
}

interface Store {
  drafts: Readonly<Record<string, Draft>>
  change: (market: string, change: Partial<Draft>) => void
}

/** The drafts of this tab, by market: going to another page and back keeps them. */
export const useDrafts = create<Store>((set) => ({
  drafts: {},
  change: (market, change) =>
    set(({ drafts }) => ({ drafts: { ...drafts, [market]: changed(drafts[market] ?? EMPTY, change) } })),
}))

/** A market's draft. */
export function useDraft(market: string): Draft {
  return useDrafts((store) => store.drafts[market] ?? EMPTY)
}

/** Takes a price (and a size) from the book or the tape: an order without a price becomes a limit order. */
export function takePrice(market: string, price: string, size?: string): void {
  const { drafts, change } = useDrafts.getState()
  const type = drafts[market]?.type ?? EMPTY.type
  change(market, {
    price,
    ...(hasPrice(type) ? {} : { type: isTriggered(type) ? type : "limit" }),
    ...(size === undefined ? {} : { amount: size, amountIn: "base" }),
  })
}
