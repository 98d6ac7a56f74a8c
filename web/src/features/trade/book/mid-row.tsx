/** Between the sides: the last price, the middle and the spread. */

import type { Market, Ticker } from "@cse/core"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { Price } from "@/components/price"
import { DirectionArrow } from "../header/direction"

export interface MidRowProps {
  market: Market
  ticker: Ticker | null
  /** Takes the element that the spread is written into. */
  hold: (element: HTMLElement | null) => void
  /** The book is not right at the moment. */
  behind: boolean
}

export function MidRow({ market, ticker, hold, behind }: MidRowProps) {
  const { t } = useTranslation("trade")
  return (
    <div
      ref={hold}
      className="flex h-9 shrink-0 items-center justify-between gap-2 border-y border-line px-3 text-11 text-muted"
    >
      <span className="flex items-center gap-1 text-16 font-semibold text-text">
        <Price value={ticker?.last} from={ticker?.open} flash />
        <DirectionArrow from={ticker?.open} to={ticker?.last} />
      </span>
      {behind && <span role="status">{t("book.behind")}</span>}
      <span className={cx("text-end leading-tight", behind && "hidden")}>
        <span className="block">
          {t("book.mid")} <span data-mid="" className="num text-text" />
        </span>
        <span className="block">
          {t("book.spread")} <span data-spread="" className="num text-text" /> {market.quote}{" "}
          <span data-percent="" className="num" />
        </span>
      </span>
    </div>
  )
}
