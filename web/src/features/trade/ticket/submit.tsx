/** The button that sends the order, why it cannot, and what became of the last one. */

import type { PlaceOrder } from "@cse/core"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { LinkButton } from "@/components/link-button"
import { Notice } from "@/components/notice"
import { reasonText } from "./reason-text"
import type { Sending } from "./sending"
import type { Ticket } from "./use-ticket"

export function Submit({ ticket, sending }: { ticket: Ticket; sending: Sending }) {
  const { t } = useTranslation("trade")
  const { draft, market, reason, isPerson } = ticket
  const pending = sending.state === "sending" || sending.state === "asking"
  if (!isPerson) return <LogIn market={market.market} />
  return (
    <div className="flex flex-col gap-1.5">
      <Button
        type="submit"
        size="lg"
        variant={draft.side === "buy" ? "up" : "down"}
        pending={pending}
        aria-disabled={reason !== null || undefined}
        aria-describedby="ticket-reason"
        className="w-full"
      >
        {t(`ticket.submit.${draft.side}`, { asset: market.base })}
      </Button>
      <p id="ticket-reason" aria-live="polite" className="min-h-9 text-12 text-muted">
        {reason && (reason.quiet || reason.field === undefined || reason.field === "amount") ? reasonText(t, reason) : ""}
      </p>
    </div>
  )
}

/** Nobody is logged in: everything can be tried, and here is the way to trade. */
function LogIn({ market }: { market: string }) {
  const { t } = useTranslation("trade")
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-3">
      <p className="text-12 text-muted">{t("ticket.invite")}</p>
      <div className="grid grid-cols-2 gap-2">
        <LinkButton to="/login" search={{ next: `/trade/${market}` }}>
          {t("ticket.login")}
        </LinkButton>
        <LinkButton to="/signup" variant="primary">
          {t("ticket.signup")}
        </LinkButton>
      </div>
    </div>
  )
}

export interface SendingNoticeProps {
  sending: Sending
  words: (problem: unknown) => string
  onAgain: (order: PlaceOrder) => void
  onClear: () => void
}

/** What became of an order that did not simply go through. */
export function SendingNotice({ sending, words, onAgain, onClear }: SendingNoticeProps) {
  const { t } = useTranslation(["trade", "common"])
  if (sending.state === "asking") {
    return (
      <Notice kind="warn" title={t("sending.asking")}>
        {t("sending.askingBody")}
      </Notice>
    )
  }
  if (sending.state === "lost") {
    return (
      <Notice
        kind="warn"
        title={t("sending.lost")}
        action={
          <Button size="sm" onClick={() => onAgain(sending.order)}>
            {t("sending.again")}
          </Button>
        }
      >
        {t("sending.lostBody")}
      </Notice>
    )
  }
  if (sending.state !== "refused") return null
  return (
    <Notice
      kind="down"
      title={t("sending.refused")}
      action={
        <Button size="sm" variant="ghost" onClick={onClear}>
          {t("common:action.close")}
        </Button>
      }
    >
      {words(sending.problem)}
    </Notice>
  )
}
