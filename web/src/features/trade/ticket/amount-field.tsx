/** How much: in the base asset or as a total in the quote asset, and as a share of what is available. */

import { formatDecimal } from "@cse/core"
import { useTranslation } from "react-i18next"
import { Field } from "@/components/field"
import { NumberInput } from "@/components/number-input"
import { SegmentedControl } from "@/components/segmented-control"
import { Slider } from "@/components/slider"
import { takesTotal } from "./draft"
import { shownError } from "./reason-text"
import { amountFor, percentOf, quoteDecimals, spends } from "./sizing"
import type { Ticket } from "./use-ticket"

const MARKS = [0, 25, 50, 75, 100]

export function AmountField({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation("trade")
  const { draft, change, market, sized } = ticket
  const inBase = draft.amountIn === "base"
  const unit = inBase ? market.base : market.quote
  const toggle = (amountIn: "base" | "quote"): void => {
    const known = amountIn === "base" ? sized.quantity : sized.total
    change({ amountIn, amount: known })
  }
  return (
    <Field
      label={t("ticket.amount")}
      error={shownError(t, ticket, "amount")}
      aside={
        takesTotal(draft) && (
          <SegmentedControl
            label={t("ticket.amountIn")}
            size="sm"
            value={draft.amountIn}
            onChange={toggle}
            options={[
              { value: "base", label: market.base },
              { value: "quote", label: market.quote },
            ]}
          />
        )
      }
    >
      {(ids) => (
        <NumberInput
          {...ids}
          data-field="amount"
          value={draft.amount}
          onChange={(amount) => change({ amount })}
          step={inBase ? market.lot_size : "1"}
          decimals={inBase ? market.quantity_decimals : quoteDecimals(market)}
          unit={unit}
        />
      )}
    </Field>
  )
}

/** The share of what is available; a limit order needs its price first. */
export function AmountSlider({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation("trade")
  const { draft, change, market, available, availableAsset, isPerson } = ticket
  const spent = spends(draft, ticket.sized)
  const percent = percentOf(available, spent)
  const set = (next: number): void => change(amountFor(market, draft, available, next))
  return (
    <div className="flex flex-col gap-0.5">
      <Slider
        label={t("ticket.share")}
        valueText={t("ticket.shareOf", { percent, asset: availableAsset })}
        value={percent}
        onChange={set}
        marks={MARKS}
        disabled={!isPerson}
      />
      <p className="flex justify-between gap-2 text-12 text-muted">
        <span>{t("ticket.available")}</span>
        <span className="num">{isPerson ? `${formatDecimal(available, i18n.language)} ${availableAsset}` : "–"}</span>
      </p>
    </div>
  )
}
