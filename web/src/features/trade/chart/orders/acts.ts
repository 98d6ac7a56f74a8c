/** What a line asks the exchange for. */

import { told } from "@cse/core"
import { api } from "@/app/exchange"
import type { Lever } from "./lines"

/** Moves an order's price or trigger. Throws ApiProblem. */
export async function amendOrder(id: number, lever: Lever, price: string): Promise<void> {
  told(await api.PATCH("/api/orders/{order_id}", { params: { path: { order_id: id } }, body: { [lever]: price } }))
}

/** Throws ApiProblem. */
export async function cancelOrder(id: number): Promise<void> {
  told(await api.DELETE("/api/orders/{order_id}", { params: { path: { order_id: id } } }))
}
