/** Every trade as it happens: price, size, time, and who was in a hurry. */

import { formatDecimal, type Market, type Trade } from "@cse/core"
import type { TFunction } from "i18next"
import { ArrowDown, ArrowUp } from "lucide-react"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import type { Column } from "@/components/data-table"
import { EmptyState } from "@/components/empty-state"
import { Time } from "@/components/time"
import { VirtualTable } from "@/components/virtual-table"
import { takePrice } from "../ticket/draft"
import { useTape } from "./use-tape"

export function TapePanel({ market }: { market: Market }) {
  const { t, i18n } = useTranslation("trade")
  const [held, setHeld] = useState(false)
  const { trades, waiting, behind } = useTape(market.market, held)
  const columns = useMemo(() => tapeColumns(market, i18n.language, t), [market, i18n.language, t])
  return (
    <div
      className={cx("relative h-full min-h-0", behind && "opacity-45")}
      dir="ltr"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <VirtualTable<Trade>
        caption={t("tape.title")}
        columns={columns}
        rows={trades}
        rowKey={(trade) => trade.trade_id}
        rowHeight={24}
        loading={behind && trades.length === 0}
        empty={<EmptyState title={t("tape.none")} body={t("tape.noneBody")} />}
        onRow={(trade) => takePrice(market.market, trade.price)}
        className="h-full"
      />
      {held && waiting > 0 && (
        <p className="pointer-events-none absolute top-8 left-1/2 z-20 -translate-x-1/2 rounded-full border border-line-strong bg-raised px-2 py-0.5 text-11 shadow-float">
          {t("tape.waiting", { count: waiting })}
        </p>
      )}
    </div>
  )
}

function tapeColumns(market: Market, locale: string, t: TFunction<"trade">): Column<Trade>[] {
  return [
    {
      key: "price",
      header: t("book.price", { asset: market.quote }),
      width: "38%",
      cell: (trade) => {
        const Arrow = trade.taker_side === "buy" ? ArrowUp : ArrowDown
        return (
          <span className={cx("num inline-flex items-center gap-1", trade.taker_side === "buy" ? "text-up" : "text-down")}>
            <Arrow size={11} strokeWidth={1.5} role="img" aria-label={t(`tape.${trade.taker_side}`)} />
            {formatDecimal(trade.price, locale)}
          </span>
        )
      },
    },
    {
      key: "size",
      header: t("book.size", { asset: market.base }),
      align: "end",
      cell: (trade) => <span className="num">{formatDecimal(trade.quantity, locale)}</span>,
    },
    {
      key: "time",
      header: t("tape.time"),
      align: "end",
      width: "30%",
      cell: (trade) => <Time at={trade.time} form="time" className="num text-muted" />,
    },
  ]
}
