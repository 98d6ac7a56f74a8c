/** How long the current candle still goes on. */

import { type Interval, lengthMs, opensAt } from "./intervals"

/** "04:59", "3:04:59", "2d 03:04": until the candle of `now` (Unix milliseconds) closes. */
export function countdown(interval: Interval, now: number): string {
  if (interval === "1s") return ""
  const seconds = Math.max(0, Math.ceil((opensAt(interval, now) + lengthMs(interval) - now) / 1_000))
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3_600)
  if (days > 0) return `${days}d ${two(hours)}:${two((seconds % 3_600) / 60)}`
  const rest = `${two((seconds % 3_600) / 60)}:${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, "0")
}
