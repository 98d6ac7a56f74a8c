/** Own open orders as they stand: change a number in its place, cancel one, cancel all. */

import type { Market, Order } from "@cse/core"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { useOpenOrders } from "@/app/data/orders"
import { useSession } from "@/app/data/person"
import { useWindowForm } from "@/app/window-form"
import { AmendCell } from "./amend-cell"
import { CancelButton } from "./cancelling"
import { marketColumn, numberColumn, sideColumn, type TableContext, timeColumn, typeColumn } from "./order-columns"
import { OrderCards } from "./order-cards"
import { OrdersTable } from "./orders-table"
import type { TradeColumn } from "./trade-column"

export function OpenOrders({ market, context }: { market: string | null; context: TableContext }) {
  const { t } = useTranslation("trade")
  const { orders, pending, error } = useOpenOrders(market)
  const { isPerson } = useSession()
  const columns = useMemo(() => openColumns(context), [context])
  const phone = useWindowForm() === "phone"
  if (phone && isPerson && error === null) return <OrderCards orders={orders} context={context} />
  return (
    <OrdersTable
      table="open"
      columns={columns}
      rows={orders}
      rowKey={(order) => order.id}
      pending={pending}
      problem={error}
      empty={{ title: t("open.none"), body: t("open.noneBody") }}
    />
  )
}

function openColumns(context: TableContext): TradeColumn<Order>[] {
  const { t, markets } = context
  const of = (order: Order): Market | null => markets.get(order.market) ?? null
  return [
    timeColumn(context),
    marketColumn(context),
    sideColumn(context),
    typeColumn(context),
    {
      ...numberColumn(context, "price", t("orders.price")),
      cell: (order) => <AmendCell order={order} field="price" market={of(order)} />,
    },
    {
      ...numberColumn(context, "trigger_price", t("orders.trigger")),
      cell: (order) =>
        order.status === "pending_trigger" ? (
          <AmendCell order={order} field="trigger_price" market={of(order)} />
        ) : (
          <span className="text-faint">–</span>
        ),
    },
    {
      ...numberColumn(context, "quantity", t("orders.quantity")),
      cell: (order) => <AmendCell order={order} field="quantity" market={of(order)} />,
    },
    numberColumn(context, "filled_quantity", t("orders.filled")),
    {
      key: "cancel",
      header: <span className="sr-only">{t("orders.cancel")}</span>,
      width: "3rem",
      align: "end",
      cell: (order) => <CancelButton order={order} />,
    },
  ]
}
