/** Orders that are closed, and fills with their fees. */

import { type AccountFill, compare, formatDecimal, type Order } from "@cse/core"
import { useEffect, useMemo, useRef } from "react"
import { useTranslation } from "react-i18next"
import { useOpenOrders } from "@/app/data/orders"
import { queries } from "@/app/query"
import { Amount } from "@/components/amount"
import { Time } from "@/components/time"
import { marketColumn, numberColumn, SideWord, sideColumn, statusColumn, type TableContext, timeColumn, typeColumn } from "./order-columns"
import { OrdersTable } from "./orders-table"
import type { TradeColumn } from "./trade-column"
import { fillsFile, ordersFile, useFills, useHistory } from "@/app/data/pages"

export interface TableProps {
  market: string | null
  context: TableContext
}

/** Asks a list anew when own orders changed: the stream says that, history has the rest. */
function useFreshness(key: string): void {
  const { orders, fills } = useOpenOrders()
  const now = `${orders.length} ${fills.at(-1)?.trade_id ?? 0}`
  const seen = useRef(now)
  useEffect(() => {
    if (seen.current === now) return
    seen.current = now
    // History is a moment behind the stream.
    const later = setTimeout(() => void queries.invalidateQueries({ queryKey: [key] }), 400)
    return () => clearTimeout(later)
  }, [key, now])
}

export function OrderHistory({ market, context }: TableProps) {
  const { t } = useTranslation("trade")
  const pages = useHistory(market)
  useFreshness("orders")
  const columns = useMemo(() => historyColumns(context), [context])
  return (
    <OrdersTable
      table="history"
      columns={columns}
      rows={pages.rows}
      rowKey={(order) => order.id}
      pending={pages.pending}
      problem={pages.problem}
      retry={pages.retry}
      paging={{ hasMore: pages.hasMore, pending: pages.loadingMore, more: pages.more }}
      whole={() => ordersFile(market)}
      empty={{ title: t("history.none"), body: t("history.noneBody") }}
    />
  )
}

function historyColumns(context: TableContext): TradeColumn<Order>[] {
  const { t } = context
  return [
    timeColumn(context),
    marketColumn(context),
    sideColumn(context),
    typeColumn(context),
    numberColumn(context, "price", t("orders.price")),
    numberColumn(context, "quantity", t("orders.quantity")),
    numberColumn(context, "filled_quantity", t("orders.filled")),
    numberColumn(context, "average_price", t("orders.average")),
    statusColumn(context),
  ]
}

export function Fills({ market, context }: TableProps) {
  const { t } = useTranslation("trade")
  const pages = useFills(market)
  useFreshness("fills")
  const columns = useMemo(() => fillColumns(context), [context])
  return (
    <OrdersTable
      table="fills"
      columns={columns}
      rows={pages.rows}
      rowKey={(fill) => `${fill.market} ${fill.trade_id} ${fill.order_id}`}
      pending={pages.pending}
      problem={pages.problem}
      retry={pages.retry}
      paging={{ hasMore: pages.hasMore, pending: pages.loadingMore, more: pages.more }}
      whole={() => fillsFile(market)}
      empty={{ title: t("fills.none"), body: t("fills.noneBody") }}
    />
  )
}

function fillColumns({ t, locale }: TableContext): TradeColumn<AccountFill>[] {
  const number = (key: "price" | "quantity" | "quote_amount", header: string): TradeColumn<AccountFill> => ({
    key,
    header,
    name: header,
    align: "end",
    width: "8rem",
    sort: (a, b) => compare(a[key], b[key]),
    cell: (fill) => <span className="num">{formatDecimal(fill[key], locale)}</span>,
    csv: (fill) => fill[key],
  })
  return [
    {
      key: "time",
      header: t("orders.time"),
      width: "10rem",
      sort: (a, b) => a.time - b.time,
      cell: (fill) => <Time at={fill.time} className="num text-muted" />,
      csv: (fill) => new Date(fill.time).toISOString(),
    },
    {
      key: "market",
      header: t("orders.market"),
      name: t("orders.market"),
      width: "7.5rem",
      cell: (fill) => <span className="font-medium">{fill.market.replace("-", " / ")}</span>,
      csv: (fill) => fill.market,
    },
    {
      key: "side",
      header: t("orders.side"),
      width: "5rem",
      cell: (fill) => <SideWord side={fill.side} word={t(`orders.sides.${fill.side}`)} />,
      csv: (fill) => fill.side,
    },
    number("price", t("orders.price")),
    number("quantity", t("orders.quantity")),
    number("quote_amount", t("orders.total")),
    {
      key: "fee",
      header: t("orders.fee"),
      name: t("orders.fee"),
      align: "end",
      width: "9rem",
      cell: (fill) => <Amount value={fill.fee} asset={fill.fee_asset} />,
      csv: (fill) => `${fill.fee} ${fill.fee_asset}`,
    },
    {
      key: "liquidity",
      header: t("orders.role"),
      name: t("orders.role"),
      width: "6rem",
      cell: (fill) => <span className="text-muted">{t(`orders.roles.${fill.liquidity}`)}</span>,
      csv: (fill) => fill.liquidity,
    },
    {
      key: "order_id",
      header: t("orders.order"),
      name: t("orders.order"),
      align: "end",
      width: "6rem",
      cell: (fill) => <span className="num text-muted">{fill.order_id}</span>,
      csv: (fill) => String(fill.order_id),
    },
  ]
}
