/** What a legend, a label or a table says of candles: the market's decimals, in the person's language. */

import { DIGITS, formatDecimal, type Market } from "@cse/core"
import type { Bar } from "./bars"
import type { Zone } from "./look"

export interface Reading {
  open: string
  high: string
  low: string
  close: string
  volume: string
  /** "+1.20 %" from the close before, or from the open where there is none. */
  change: string
  direction: "up" | "down" | "flat"
}

/** `before`: the candle before this one. Whole units below 2^53 keep every digit. */
export function readingOf(bar: Bar, before: Bar | undefined, market: Market, locale: string): Reading {
  const price = (value: number): string => formatDecimal(value.toFixed(market.price_decimals), locale)
  const from = before?.close ?? bar.open
  const moved = from === 0 ? 0 : bar.close / from - 1
  return {
    open: price(bar.open),
    high: price(bar.high),
    low: price(bar.low),
    close: price(bar.close),
    volume: formatDecimal(bar.volume.toFixed(market.quantity_decimals), locale),
    change: percent(moved, locale),
    direction: moved > 0 ? "up" : moved < 0 ? "down" : "flat",
  }
}

function percent(share: number, locale: string): string {
  const style = { style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" } as const
  return new Intl.NumberFormat(locale + DIGITS, style).format(share)
}

/** A candle's opening time as a person reads it, in the chart's time zone. */
export function timeOf(timestamp: number, zone: Zone, locale: string): string {
  const where = zone === "utc" ? { timeZone: "UTC" } : {}
  return new Intl.DateTimeFormat(locale + DIGITS, { dateStyle: "medium", timeStyle: "medium", ...where }).format(timestamp)
}
