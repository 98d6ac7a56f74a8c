/** The order ticket: what to trade, at what price, how much; and what stands against it. */

import type { Market, PlaceOrder } from "@cse/core"
import { type FormEvent, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { usePreferences } from "@/app/preferences"
import { play } from "@/app/sounds"
import { problemText } from "@/app/problem-text"
import { toast } from "@/components/toasts"
import { Advanced } from "./advanced"
import { AmountField, AmountSlider } from "./amount-field"
import { Confirm } from "./confirm"
import { useDrafts } from "./draft"
import { SideChoice, TypeChoice } from "./kind-choice"
import { orderWords } from "./order-words"
import { PriceFields } from "./price-fields"
import { newClientOrderId, requestOf } from "./request"
import type { Sending } from "./sending"
import { SendingNotice, Submit } from "./submit"
import { Summary, Warnings } from "./summary"
import { useSending } from "./use-sending"
import { useTicket } from "./use-ticket"

export interface TicketPanelProps {
  market: Market
  /** Called when an order was taken: a sheet closes then. */
  onDone?: () => void
}

export function TicketPanel({ market, onDone }: TicketPanelProps) {
  const { t } = useTranslation("trade")
  const ticket = useTicket(market)
  const { sending, start, clear } = useSending()
  const confirms = usePreferences((preferences) => preferences.confirmOrders)
  const [asked, setAsked] = useState<PlaceOrder | null>(null)
  const form = useRef<HTMLFormElement>(null)

  const sendNow = async (order: PlaceOrder): Promise<void> => {
    const end = await start(order)
    if (end.state !== "done") return play("refused")
    play("placed")
    tellDone(end)
    // What has been typed meanwhile is the next order's.
    if (useDrafts.getState().drafts[market.market]?.amount === ticket.draft.amount) ticket.change({ amount: "" })
    clear()
    onDone?.()
  }
  const tellDone = (end: Extract<Sending, { state: "done" }>): void => {
    const { order } = end.result
    const words = orderWords(t, market, order)
    if (order.status === "cancelled" || order.status === "expired") {
      toast("warn", t(`done.${order.filled_quantity === "0" ? "nothing" : "part"}`), t(`closing.${order.reason ?? "cancelled"}`))
    } else if (order.status !== "filled") toast("info", t(order.status === "pending_trigger" ? "done.waits" : "done.placed"), words)
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (sending.state === "sending" || sending.state === "asking") return
    if (ticket.reason) {
      const { field } = ticket.reason
      if (field) form.current?.querySelector<HTMLElement>(`[data-field=${field}]`)?.focus()
      return
    }
    const order = requestOf(market, ticket.draft, newClientOrderId())
    if (order === null) return
    if (confirms) setAsked(order)
    else void sendNow(order)
  }
  return (
    <form ref={form} onSubmit={submit} aria-label={t("ticket.title")} noValidate className="flex flex-col gap-3 p-3">
      <SideChoice ticket={ticket} />
      <TypeChoice ticket={ticket} />
      <PriceFields ticket={ticket} />
      <AmountField ticket={ticket} />
      <AmountSlider ticket={ticket} />
      <Advanced ticket={ticket} />
      <Summary ticket={ticket} />
      <Warnings ticket={ticket} />
      <Submit ticket={ticket} sending={sending} />
      <SendingNotice sending={sending} words={(problem) => problemText(t, problem)} onAgain={(order) => void sendNow(order)} onClear={clear} />
      <Confirm market={market} order={asked} onClose={() => setAsked(null)} onSend={(order) => void sendNow(order)} />
    </form>
  )
}
