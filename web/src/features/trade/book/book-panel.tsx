/** The order book: two sides, the price between them, steps; a press fills the ticket. */

import { type Market, scaleOf } from "@cse/core"
import { useMemo, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { useTicker } from "@/app/data/markets"
import { useOpenOrders } from "@/app/data/orders"
import { cx } from "@/components/class-names"
import { toast } from "@/components/toasts"
import { useTradeSettings } from "../settings"
import { takePrice } from "../ticket/draft"
import { BookHead } from "./book-head"
import { BookSide } from "./book-side"
import { MidRow } from "./mid-row"
import { ownPrices } from "./own-levels"
import { paintReadout, Readout } from "./readout"
import { bookChannel, stepChoices, usableStep } from "./steps"
import { useBookFacts } from "./use-book-facts"
import { useLadder } from "./use-ladder"
import { useRows } from "./use-rows"

export interface BookPanelProps {
  market: Market
  /** After a row filled the ticket: a phone shows the ticket then. */
  onTaken?: () => void
}

export function BookPanel({ market, onTaken }: BookPanelProps) {
  const { t, i18n } = useTranslation("trade")
  const { bookView, cumulative, steps } = useTradeSettings()
  const ticker = useTicker(market.market)
  const { orders } = useOpenOrders(market.market)
  const step = usableStep(steps[market.market], market.tick_size)
  const choices = useMemo(
    () => stepChoices(market.tick_size, ticker?.last ?? market.reference_price),
    [market, ticker?.last],
  )
  const look = useMemo(
    () => ({ locale: i18n.language, cumulative, own: ownPrices(orders, step) }),
    [i18n.language, cumulative, orders, step],
  )
  const { box, count, rowPx } = useRows(bookView)
  const readout = useRef<HTMLParagraphElement>(null)
  const facts = useBookFacts(market.market, step === usableStep(undefined, market.tick_size))
  const [behind, setBehind] = useState(true)
  const ladder = useLadder(
    bookChannel(market.market, market.tick_size, step),
    { view: bookView, count },
    {
      onPick: ({ rung }, size) => {
        takePrice(market.market, padded(rung.price, market), size ? rung.sum : undefined)
        onTaken?.()
      },
      onMoved: () => toast("info", t("book.moved"), t("book.movedBody")),
      onPoint: (pointed) => paintReadout(readout.current, pointed?.rung ?? null, { t, market, locale: i18n.language }),
      onPaint: (book) => {
        setBehind(book === null)
        facts.paint(book)
      },
    },
    look,
  )
  return (
    <section aria-label={t("book.title")} className="flex h-full min-h-0 flex-col bg-surface">
      <BookHead market={market} step={step} choices={choices} />
      {/* Its rows are widgets; they share one set of listeners. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- as said */}
      <div
        ref={box}
        role="group"
        aria-label={t("book.title")}
        dir="ltr"
        className={cx("flex min-h-0 flex-1 flex-col overflow-hidden", behind && "opacity-45")}
        aria-busy={behind}
        onPointerDown={(event) => event.button === 0 && ladder.down(event.target)}
        onClick={(event) => ladder.up(event.target, event.shiftKey)}
        onPointerOver={(event) => ladder.point(event.target)}
        onPointerLeave={() => ladder.point(null)}
        onFocus={(event) => ladder.point(event.target)}
        onBlur={() => ladder.point(null)}
        onKeyDown={(event) => ladder.key(event.key, event.target, event.shiftKey) && event.preventDefault()}
      >
        {bookView !== "bids" && <BookSide side="asks" count={count} rowPx={rowPx} boxRef={(element) => ladder.hold("asks", element)} />}
        <MidRow market={market} ticker={ticker} hold={facts.hold} behind={behind} />
        {bookView !== "asks" && <BookSide side="bids" count={count} rowPx={rowPx} boxRef={(element) => ladder.hold("bids", element)} />}
      </div>
      <Readout boxRef={readout} />
    </section>
  )
}

/** A price of a coarser book with all of the market's decimals. */
function padded(price: string, market: Market): string {
  const scale = scaleOf(price)
  if (scale >= market.price_decimals) return price
  return (scale === 0 ? `${price}.` : price) + "0".repeat(market.price_decimals - scale)
}
