/** The exchange's clock: candles end by it, not by the computer's. */

import { api } from "@/app/exchange"
import { told } from "@cse/core"

let offsetMs = 0
let asked: Promise<void> | null = null

/** Now at the exchange, Unix milliseconds; the computer's own time until the exchange has answered once. */
export function exchangeNow(): number {
  return Date.now() + offsetMs
}

/** Asks once per page how far the computer's clock is off; without an answer its own time stays. */
export function setClock(): Promise<void> {
  asked ??= measure().catch(() => {
    asked = null // the next chart asks again
  })
  return asked
}

async function measure(): Promise<void> {
  const began = performance.now()
  const { time } = told(await api.GET("/api/time"))
  const halfTrip = (performance.now() - began) / 2
  offsetMs = time + halfTrip - Date.now()
}
