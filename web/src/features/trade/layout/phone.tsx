/** One column: the price stays in sight, a bar at the bottom chooses what is below it, the ticket comes as a sheet. */

import type { Market } from "@cse/core"
import { ArrowLeftRight, BookOpen, ChartCandlestick, ListOrdered } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useOpenOrders } from "@/app/data/orders"
import { useOwnBottomBar } from "@/app/bottom-bar"
import { Sheet } from "@/components/sheet"
import { BookPanel } from "../book/book-panel"
import { ChartPanel } from "../chart/chart-panel"
import { BottomPanel } from "../orders/bottom-panel"
import { TapeTabs } from "../tape/tape-tabs"
import { TicketPanel } from "../ticket/ticket"

type View = "chart" | "book" | "orders"

const ICONS = { chart: ChartCandlestick, book: BookOpen, trade: ArrowLeftRight, orders: ListOrdered }

export function Phone({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  useOwnBottomBar()
  const [view, setView] = useState<View>("chart")
  const [ticket, setTicket] = useState(false)
  const { orders } = useOpenOrders(market.market)
  return (
    <>
      <div className="min-h-0 flex-1">
        {view === "chart" && (
          <div className="flex h-full flex-col">
            <div className="min-h-0 flex-[3] bg-surface">
              <ChartPanel market={market} />
            </div>
            <div className="min-h-0 flex-[2] border-t border-line">
              <TapeTabs market={market} />
            </div>
          </div>
        )}
        {view === "book" && <BookPanel market={market} onTaken={() => setTicket(true)} />}
        {view === "orders" && <BottomPanel market={market} foldable={false} />}
      </div>
      <nav
        aria-label={t("phone.title")}
        className="grid shrink-0 grid-cols-4 border-t border-line-strong bg-surface pb-[env(safe-area-inset-bottom)]"
      >
        {(["chart", "book", "trade", "orders"] as const).map((name) => {
          const Icon = ICONS[name]
          const current = name === "trade" ? ticket : view === name && !ticket
          return (
            <button
              key={name}
              type="button"
              aria-pressed={current}
              onClick={() => (name === "trade" ? setTicket(true) : setView(name))}
              className="flex h-14 flex-col items-center justify-center gap-0.5 text-11 text-muted -outline-offset-2 aria-pressed:text-text"
            >
              <Icon aria-hidden size={18} strokeWidth={1.5} />
              <span>
                {t(`phone.${name}`)}
                {name === "orders" && orders.length > 0 && <span className="num"> {orders.length}</span>}
              </span>
            </button>
          )
        })}
      </nav>
      <Sheet open={ticket} onOpenChange={setTicket} title={t("phone.sheet", { base: market.base, quote: market.quote })}>
        <div className="-mx-3">
          <TicketPanel market={market} onDone={() => setTicket(false)} />
        </div>
      </Sheet>
    </>
  )
}
