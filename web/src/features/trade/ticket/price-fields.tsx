/** Trigger and limit price. */

import { toStep } from "@cse/core"
import { useTranslation } from "react-i18next"
import { Field } from "@/components/field"
import { NumberInput } from "@/components/number-input"
import { spreadOf } from "../book/ladder"
import { fires } from "./check"
import { hasPrice, isTriggered } from "./draft"
import { shownError } from "./reason-text"
import type { Ticket } from "./use-ticket"

export function PriceFields({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation("trade")
  const { draft, change, market } = ticket
  const shared = { step: market.tick_size, min: market.tick_size, decimals: market.price_decimals, unit: market.quote }
  return (
    <>
      {isTriggered(draft.type) && (
        <Field label={t(`ticket.trigger.${fires(draft)}`)} error={shownError(t, ticket, "trigger")}>
          {(ids) => (
            <NumberInput {...ids} {...shared} data-field="trigger" value={draft.trigger} onChange={(trigger) => change({ trigger })} />
          )}
        </Field>
      )}
      {hasPrice(draft.type) && (
        <Field label={t("ticket.price")} aside={<QuickPrices ticket={ticket} />} error={shownError(t, ticket, "price")}>
          {(ids) => (
            <NumberInput {...ids} {...shared} data-field="price" value={draft.price} onChange={(price) => change({ price })} />
          )}
        </Field>
      )}
    </>
  )
}

/** Best bid, middle, best ask: a press takes it. */
function QuickPrices({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation("trade")
  const { ticker, market, change } = ticket
  const bid = ticker?.best_bid ?? null
  const ask = ticker?.best_ask ?? null
  const mid = spreadOf(bid, ask)?.mid ?? null
  const prices = { bid, mid: mid === null ? null : toStep(mid, market.tick_size), ask }
  return (
    <span className="-my-1 inline-flex gap-0.5">
      {(["bid", "mid", "ask"] as const).map((name) => {
        const price = prices[name]
        return (
          <button
            key={name}
            type="button"
            disabled={price === null}
            onClick={() => price !== null && change({ price })}
            className="h-6 rounded-input px-1.5 text-12 text-muted hover:bg-raised hover:text-text disabled:opacity-45"
          >
            {t(`ticket.quick.${name}`)}
          </button>
        )
      })}
    </span>
  )
}
