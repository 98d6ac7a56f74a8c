import type { BookView, Level, Market, Trade } from "@cse/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useTicker } from "@/app/data/markets"
import { Change } from "@/components/change"
import { Price } from "@/components/price"
import { Time } from "@/components/time"
import { useChannel } from "@/stream/hooks"

const LEVELS = 8

/** The busiest market's own book and tape, four times a second at most: real, or not there. */
export function LivingMarket({ market }: { market: Market | null }) {
  return (
    <div className="min-h-108 border-t-2 border-text" aria-busy={market === null}>
      {market && <Alive key={market.market} market={market} />}
    </div>
  )
}

function Alive({ market }: { market: Market }) {
  const { t } = useTranslation("home")
  const ticker = useTicker(market.market)
  const book = useChannel<BookView>(`orderbook.${market.market}.10@250ms`)
  const trades = useChannel<readonly Trade[]>(`trades.${market.market}`)
  return (
    <>
      <Link
        to="/trade/$market"
        params={{ market: market.market }}
        className="group flex flex-wrap items-baseline gap-x-4 gap-y-1 py-4"
        dir="ltr"
      >
        <span className="font-display text-20 underline-offset-4 group-hover:underline">
          {market.base} <span className="text-muted">/ {market.quote}</span>
        </span>
        <Price value={ticker?.last ?? market.reference_price} flash className="ms-auto text-28" />
        <Change from={ticker?.open} to={ticker?.last} className="text-14" />
      </Link>
      <div className="grid grid-cols-2 gap-x-8 border-t border-line pt-3 text-12" dir="ltr">
        <section aria-label={t("living.book")}>
          <h2 className="mb-1 text-11 text-muted">{t("living.book")}</h2>
          <Levels levels={(book?.asks ?? []).slice(0, LEVELS).toReversed()} side="down" />
          <div className="my-1 border-t border-line" />
          <Levels levels={(book?.bids ?? []).slice(0, LEVELS)} side="up" />
        </section>
        <section aria-label={t("living.tape")}>
          <h2 className="mb-1 text-11 text-muted">{t("living.tape")}</h2>
          <Tape trades={(trades ?? []).slice(-2 * LEVELS).toReversed()} />
        </section>
      </div>
    </>
  )
}

const BARS = { up: "bg-up", down: "bg-down" }

/** One side of the book; bars show quantities against the largest one in sight. */
function Levels({ levels, side }: { levels: readonly Level[]; side: "up" | "down" }) {
  const largest = Math.max(...levels.map(([, quantity]) => Number(quantity)), 0)
  return (
    <ul className="h-40">
      {levels.map(([price, quantity]) => (
        <li key={price} className="relative flex h-5 items-center justify-between">
          <span
            aria-hidden
            className={`absolute inset-y-px right-0 opacity-15 ${BARS[side]}`}
            style={{ width: `${largest > 0 ? (Number(quantity) / largest) * 100 : 0}%` }}
          />
          <Price value={price} className={side === "up" ? "text-up" : "text-down"} />
          <Price value={quantity} className="relative" />
        </li>
      ))}
    </ul>
  )
}

function Tape({ trades }: { trades: readonly Trade[] }) {
  return (
    <ol className="h-82 overflow-hidden">
      {trades.map((trade) => (
        <li key={trade.trade_id} className="flex h-5 items-center justify-between gap-2">
          <Price value={trade.price} className={trade.taker_side === "buy" ? "text-up" : "text-down"} />
          <Price value={trade.quantity} className="ms-auto" />
          <Time at={trade.time} form="time" className="num text-muted max-sm:hidden" />
        </li>
      ))}
    </ol>
  )
}
