/** The line below the book: what a person would get from the best price to the row that is pointed at. */

import { formatDecimal, type Market, truncate } from "@cse/core"
import type { TFunction } from "i18next"
import type { RefObject } from "react"
import { useTranslation } from "react-i18next"
import { quoteDecimals } from "../ticket/sizing"
import type { Rung } from "./ladder"

export function Readout({ boxRef }: { boxRef: RefObject<HTMLParagraphElement | null> }) {
  const { t } = useTranslation("trade")
  return (
    <p ref={boxRef} data-idle={t("book.hint")} className="h-7 shrink-0 truncate border-t border-line px-3 text-11 leading-7 text-muted">
      {t("book.hint")}
    </p>
  )
}

/** Writes the line; null: nothing is pointed at. */
export function paintReadout(
  box: HTMLElement | null,
  rung: Rung | null,
  { t, market, locale }: { t: TFunction<"trade">; market: Market; locale: string },
): void {
  if (!box) return
  const text =
    rung === null
      ? (box.dataset.idle ?? "")
      : t("book.readout", {
          sum: formatDecimal(rung.sum, locale),
          base: market.base,
          average: formatDecimal(rung.average, locale),
          cost: formatDecimal(truncate(rung.cost, Math.min(quoteDecimals(market), 2)), locale),
          quote: market.quote,
        })
  if (box.textContent !== text) box.textContent = text
}
