import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useSparkline } from "@/app/data/sparklines"
import { Avatar } from "@/components/avatar"
import { Change } from "@/components/change"
import { Price } from "@/components/price"
import { Skeleton } from "@/components/skeleton"
import { Sparkline } from "@/components/sparkline"
import type { Busy } from "./busiest"

const SHOWN = 6

/** The busiest markets, live. */
export function TopMarkets({ rows, pending }: { rows: readonly Busy[]; pending: boolean }) {
  const { t } = useTranslation("home")
  return (
    <section className="border-t border-line py-12 md:py-16">
      <div className="mb-6 flex items-baseline justify-between gap-4">
        <h2 className="font-display text-28">{t("top.title")}</h2>
        <Link to="/markets" className="text-14 text-muted underline underline-offset-4 hover:text-text">
          {t("top.all")}
        </Link>
      </div>
      {pending && <Skeleton h="16rem" />}
      <ul className="grid gap-x-12 md:grid-cols-2">
        {rows.slice(0, SHOWN).map((row) => (
          <TopMarket key={row.market.market} row={row} />
        ))}
      </ul>
    </section>
  )
}

function TopMarket({ row: { market, ticker } }: { row: Busy }) {
  const course = useSparkline(market.market)
  return (
    <li className="border-t border-line">
      <Link to="/trade/$market" params={{ market: market.market }} className="flex h-18 items-center gap-3 hover:bg-raised">
        <Avatar handle={market.base} size={36} />
        <span className="min-w-0 flex-1 rtl:text-end" dir="ltr">
          <span className="block text-16 font-medium">{market.base}</span>
          <span className="block text-12 text-muted">{market.quote}</span>
        </span>
        <Sparkline values={course} width={88} height={28} />
        <span className="w-28 text-end rtl:text-start" dir="ltr">
          <Price value={ticker?.last ?? market.reference_price} flash className="block text-16" />
          <Change from={ticker?.open} to={ticker?.last} className="text-12" />
        </span>
      </Link>
    </li>
  )
}
