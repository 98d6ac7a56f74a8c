/** Which lines an order has on the chart, and what may be done with each. */

import type { Order } from "@cse/core"

/** What a drag of a line changes of its order. */
export type Lever = "price" | "trigger_price"

export interface OrderLine {
  key: string
  order: Order
  lever: Lever
  /** A decimal with the market's digits. */
  price: string
  /** Waits for its trigger: the order is not in the book. */
  dashed: boolean
  /** The cross that cancels stands on one line of each order. */
  cancels: boolean
}

/** Lines of open orders: one at the trigger, one at the price; market orders without a trigger have none. */
export function linesOf(orders: readonly Order[]): OrderLine[] {
  return orders.flatMap((order) => {
    const waits = order.status === "pending_trigger"
    const lines: OrderLine[] = []
    if (waits && order.trigger_price !== null) {
      lines.push({ key: `${order.id}/trigger`, order, lever: "trigger_price", price: order.trigger_price, dashed: true, cancels: true })
    }
    if (order.price !== null) {
      lines.push({ key: `${order.id}/price`, order, lever: "price", price: order.price, dashed: waits, cancels: lines.length === 0 })
    }
    return lines
  })
}
