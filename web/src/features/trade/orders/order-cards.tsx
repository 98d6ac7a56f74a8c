/** Open orders on a phone: a card each, with all that matters in two lines. */

import { formatDecimal, type Order } from "@cse/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { Badge } from "@/components/badge"
import { EmptyState } from "@/components/empty-state"
import { Time } from "@/components/time"
import { AmendCell } from "./amend-cell"
import { CancelButton } from "./cancelling"
import { SideWord, type TableContext } from "./order-columns"

export function OrderCards({ orders, context }: { orders: readonly Order[]; context: TableContext }) {
  const { t } = useTranslation("trade")
  if (orders.length === 0) return <EmptyState title={t("open.none")} body={t("open.noneBody")} />
  return (
    <ul className="h-full overflow-y-auto">
      {orders.map((order) => (
        <Card key={order.id} order={order} context={context} />
      ))}
    </ul>
  )
}

function Card({ order, context: { t, locale, markets } }: { order: Order; context: TableContext }) {
  const market = markets.get(order.market) ?? null
  const waits = order.status === "pending_trigger"
  return (
    <li className="flex items-start gap-3 border-b border-line px-3 py-2 text-12">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <SideWord side={order.side} word={t(`orders.sides.${order.side}`)} />
          <span className="font-medium">{order.market.replace("-", " / ")}</span>
          <span className="text-muted">{t(`orders.types.${order.type}`)}</span>
          {waits && <Badge kind="info">{t("orders.waits", { price: formatDecimal(order.trigger_price ?? "", locale) })}</Badge>}
        </p>
        <dl className="mt-1 grid grid-cols-3 gap-2">
          <Fact label={t("orders.price")}>
            <AmendCell order={order} field="price" market={market} />
          </Fact>
          <Fact label={t("orders.quantity")}>
            <AmendCell order={order} field="quantity" market={market} />
          </Fact>
          <Fact label={t("orders.filled")}>
            <span className="num">{formatDecimal(order.filled_quantity, locale)}</span>
          </Fact>
        </dl>
        <Time at={order.created_at} className="num text-11 text-muted" />
      </div>
      <CancelButton order={order} />
    </li>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-11 text-muted">{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
