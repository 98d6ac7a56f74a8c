/** Price steps of an order book: 1, 2 and 5 times any power of ten, in whole ticks (docs/reference/websocket.md). */

import { compare, isStep, scaleOf, text, trimmed, units } from "@cse/core"

/** More choices than these help nobody. */
const MOST = 8
/** A step of more than a twentieth of the price leaves no book to look at. */
const LARGEST_PART = 20n

/** Returns the steps to choose from, the tick first; `price` is about what the market costs. */
export function stepChoices(tick: string, price: string): string[] {
  const scale = Math.max(scaleOf(tick), scaleOf(price))
  const [width, most] = [units(tick, scale), units(price, scale) / LARGEST_PART]
  const found = [trimmed(tick)]
  for (let power = 1n; found.length < MOST && power <= most; power *= 10n) {
    for (const times of [1n, 2n, 5n]) {
      const step = power * times
      if (step > width && step <= most && step % width === 0n) found.push(trimmed(text(step, scale)))
    }
  }
  return found.slice(0, MOST)
}

/** The stream's channel of a book with that step; the tick's own book is the one that is right to the moment. */
export function bookChannel(market: string, tick: string, step: string): string {
  return compare(step, tick) === 0 ? `orderbook.${market}` : `orderbook.${market}.step=${trimmed(step)}`
}

/** Returns `step` if it is one of this market's, else its tick. */
export function usableStep(step: string | undefined, tick: string): string {
  return step !== undefined && compare(step, tick) >= 0 && isStep(step, tick) ? step : trimmed(tick)
}
