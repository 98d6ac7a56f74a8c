/** Columns that open and closed orders share. */

import { compare, formatDecimal, type Market, type Order } from "@cse/core"
import type { TFunction } from "i18next"
import { Badge } from "@/components/badge"
import { cx } from "@/components/class-names"
import { Time } from "@/components/time"
import type { TradeColumn } from "./trade-column"

export interface TableContext {
  t: TFunction<"trade">
  locale: string
  /** To print amounts with their assets. */
  markets: ReadonlyMap<string, Market>
}

const iso = (at: number): string => new Date(at).toISOString()

export function timeColumn({ t }: TableContext): TradeColumn<Order> {
  return {
    key: "created_at",
    header: t("orders.time"),
    name: t("orders.time"),
    width: "9.5rem",
    sort: (a, b) => a.created_at - b.created_at || a.id - b.id,
    cell: (order) => <Time at={order.created_at} className="num text-muted" />,
    csv: (order) => iso(order.created_at),
  }
}

export function marketColumn({ t }: TableContext): TradeColumn<Order> {
  return {
    key: "market",
    header: t("orders.market"),
    name: t("orders.market"),
    width: "7.5rem",
    sort: (a, b) => a.market.localeCompare(b.market),
    cell: (order) => <span className="font-medium">{order.market.replace("-", " / ")}</span>,
    csv: (order) => order.market,
  }
}

export function sideColumn({ t }: TableContext): TradeColumn<Order> {
  return {
    key: "side",
    header: t("orders.side"),
    width: "4.5rem",
    cell: (order) => <SideWord side={order.side} word={t(`orders.sides.${order.side}`)} />,
    csv: (order) => order.side,
  }
}

/** Buy or sell: as a word in its colour. */
export function SideWord({ side, word }: { side: "buy" | "sell"; word: string }) {
  return <span className={cx("font-medium", side === "buy" ? "text-up" : "text-down")}>{word}</span>
}

export function typeColumn({ t, locale }: TableContext): TradeColumn<Order> {
  return {
    key: "type",
    header: t("orders.type"),
    name: t("orders.type"),
    width: "11rem",
    cell: (order) => (
      <span className="inline-flex items-center gap-1.5">
        {t(`orders.types.${order.type}`)}
        {order.status === "pending_trigger" && (
          <Badge kind="info">{t("orders.waits", { price: formatDecimal(order.trigger_price ?? "", locale) })}</Badge>
        )}
        {order.post_only && <Badge>{t("orders.postOnly")}</Badge>}
        {order.time_in_force === "gtd" && <Badge>GTD</Badge>}
      </span>
    ),
    csv: (order) => order.type,
  }
}

/** A decimal of an order; null is a dash. */
export function numberColumn(
  { locale }: TableContext,
  key: "price" | "trigger_price" | "quantity" | "filled_quantity" | "average_price" | "quote_filled",
  header: string,
): TradeColumn<Order> {
  return {
    key,
    header,
    name: header,
    align: "end",
    width: "7.5rem",
    sort: (a, b) => compare(a[key] ?? "0", b[key] ?? "0"),
    cell: (order) => <span className="num">{order[key] === null ? "–" : formatDecimal(order[key], locale)}</span>,
    csv: (order) => order[key] ?? "",
  }
}

export function statusColumn({ t }: TableContext): TradeColumn<Order> {
  return {
    key: "status",
    header: t("orders.status"),
    width: "9rem",
    cell: (order) => (
      <span title={order.reason ? t(`closing.${order.reason}`) : undefined}>
        {t(`orders.statuses.${order.status}`)}
        {order.reason && order.reason !== order.status && (
          <span className="text-muted"> · {t(`closing.${order.reason}`)}</span>
        )}
      </span>
    ),
    csv: (order) => (order.reason ? `${order.status}: ${order.reason}` : order.status),
  }
}
