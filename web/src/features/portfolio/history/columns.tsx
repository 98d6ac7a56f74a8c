/** Columns of fills and of closed orders. Sides, types and reasons have the words of the trade page. */

import type { AccountFill, Order } from "@cse/core"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { Amount } from "@/components/amount"
import { cx } from "@/components/class-names"
import type { Column } from "@/components/data-table"
import { Price } from "@/components/price"
import { Time } from "@/components/time"

type Say = (key: string) => string

const END = { align: "end" as const, width: "8rem" }

/** What fills and orders have in common. */
function sharedColumns<T extends { market: string; side: "buy" | "sell" }>(own: Say, trade: Say, timeOf: (row: T) => number): Column<T>[] {
  return [
    { key: "time", header: own("columns.time"), width: "10rem", cell: (row) => <Time at={timeOf(row)} className="num text-muted" /> },
    { key: "market", header: own("columns.market"), width: "8rem", cell: (row) => <span className="font-medium">{row.market.replace("-", " / ")}</span> },
    {
      key: "side",
      header: own("columns.side"),
      width: "4.5rem",
      cell: ({ side }) => <span className={cx("font-medium", side === "buy" ? "text-up" : "text-down")}>{trade(`orders.sides.${side}`)}</span>,
    },
  ]
}

export function useFillColumns(): readonly Column<AccountFill>[] {
  const { t } = useTranslation("portfolio")
  const { t: trade } = useTranslation("trade")
  return useMemo(() => {
    const own = t as Say
    const word = trade as Say
    return [
      ...sharedColumns<AccountFill>(own, word, (fill) => fill.time),
      { key: "price", header: own("columns.price"), ...END, cell: ({ price }) => <Price value={price} /> },
      { key: "quantity", header: own("columns.quantity"), ...END, cell: ({ quantity }) => <Price value={quantity} /> },
      { key: "total", header: own("columns.total"), ...END, cell: ({ quote_amount }) => <Price value={quote_amount} /> },
      { key: "fee", header: own("columns.fee"), align: "end", width: "9rem", cell: (fill) => <Amount value={fill.fee} asset={fill.fee_asset} /> },
      { key: "role", header: own("columns.role"), width: "5rem", cell: ({ liquidity }) => <span className="text-muted">{word(`orders.roles.${liquidity}`)}</span> },
      { key: "order", header: own("columns.order"), align: "end", width: "5rem", cell: ({ order_id }) => <span className="num text-muted">{order_id}</span> },
    ]
  }, [t, trade])
}

export function useOrderColumns(): readonly Column<Order>[] {
  const { t } = useTranslation("portfolio")
  const { t: trade } = useTranslation("trade")
  return useMemo(() => {
    const own = t as Say
    const word = trade as Say
    return [
      ...sharedColumns<Order>(own, word, (order) => order.created_at),
      { key: "type", header: own("columns.type"), width: "8rem", cell: ({ type }) => word(`orders.types.${type}`) },
      { key: "price", header: own("columns.price"), ...END, cell: ({ price }) => <Price value={price} /> },
      { key: "quantity", header: own("columns.quantity"), ...END, cell: ({ quantity }) => <Price value={quantity} /> },
      { key: "filled", header: own("columns.filled"), ...END, cell: ({ filled_quantity }) => <Price value={filled_quantity} /> },
      { key: "average", header: own("columns.averagePrice"), ...END, cell: ({ average_price }) => <Price value={average_price} /> },
      {
        key: "status",
        header: own("columns.status"),
        width: "11rem",
        cell: ({ status, reason }) => (
          <>
            {word(`orders.statuses.${status}`)}
            {reason && reason !== status && <span className="text-muted"> · {word(`closing.${reason}`)}</span>}
          </>
        ),
      },
      { key: "order", header: own("columns.order"), align: "end", width: "5rem", cell: ({ id }) => <span className="num text-muted">{id}</span> },
    ]
  }, [t, trade])
}
