/** The line above everything: which market, what it costs, how its day was. */

import { formatCompact, formatDecimal, type Market, type Ticker } from "@cse/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { useTicker } from "@/app/data/markets"
import { cx } from "@/components/class-names"
import { Change } from "@/components/change"
import { Price } from "@/components/price"
import { DirectionArrow } from "./direction"
import { MarketSwitcher } from "./market-switcher"
import { StatusBadge } from "./market-status"

export function MarketHeader({ market, aside }: { market: Market; aside?: ReactNode }) {
  const { t } = useTranslation("trade")
  const ticker = useTicker(market.market)
  return (
    <header className="flex h-14 shrink-0 items-center gap-5 border-b border-line bg-surface pe-3 max-sm:gap-3">
      <MarketSwitcher market={market} />
      <h1 className="sr-only">{t("header.title", { base: market.base, quote: market.quote })}</h1>
      <StatusBadge market={market} />
      <PriceNow market={market} ticker={ticker} />
      <dl className="flex min-w-0 flex-1 items-center gap-5 overflow-hidden text-12 max-md:hidden">
        <Fact label={t("header.high")} value={ticker?.high} asset={market.quote} />
        <Fact label={t("header.low")} value={ticker?.low} asset={market.quote} />
        <Fact label={t("header.volume")} value={ticker?.volume} asset={market.base} compact />
        <Fact label={t("header.quoteVolume")} value={ticker?.quote_volume} asset={market.quote} compact />
        <Fact label={t("header.trades")} value={ticker ? String(ticker.trades) : null} asset="" className="max-xl:hidden" />
      </dl>
      {aside}
    </header>
  )
}

/** The price of now with its day: colour, arrow and sign say the same. */
export function PriceNow({ market, ticker }: { market: Market; ticker: Ticker | null }) {
  const { t } = useTranslation("trade")
  return (
    <div className="shrink-0 leading-tight" data-testid="price-now">
      <div className="flex items-center gap-1">
        <Price value={ticker?.last} from={ticker?.open} flash className="text-20 font-semibold" />
        <DirectionArrow from={ticker?.open} to={ticker?.last} />
      </div>
      <div className="flex gap-2 text-12">
        <Change from={ticker?.open} to={ticker?.last} />
        <span className="text-muted max-sm:hidden">{t("header.day", { asset: market.quote })}</span>
      </div>
    </div>
  )
}

interface FactProps {
  label: string
  value: string | null | undefined
  asset: string
  compact?: boolean
  className?: string
}

function Fact({ label, value, asset, compact = false, className }: FactProps) {
  const { i18n } = useTranslation("trade")
  const exact = value ? `${formatDecimal(value, i18n.language)} ${asset}` : undefined
  const shown = value ? (compact ? formatCompact(value, i18n.language) : formatDecimal(value, i18n.language)) : "–"
  return (
    <div className={cx("shrink-0 leading-tight", className)} title={exact}>
      <dt className="text-11 text-muted">{label}</dt>
      <dd className="num">
        {shown} <span className="text-muted">{value ? asset : ""}</span>
      </dd>
    </div>
  )
}
