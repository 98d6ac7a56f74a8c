/**
 * Candles as the chart library wants them: numbers, for pixels and indicators only (amounts stay texts elsewhere), oldest
 * first, one for every interval. An interval without a trade has a flat bar with the close before it and volume zero, as
 * the API's own `fill=true`: time is then even along the axis and indicators see every interval.
 */

import type { Candle } from "@cse/core"
import type { KLineData } from "klinecharts"

export interface Bar extends KLineData {
  /** In base. */
  volume: number
  /** In quote. */
  turnover: number
}

/** How many bars a chart keeps at most: 5.5 hours of seconds, 13 days of minutes, 54 years of days. */
export const MAX_BARS = 20_000
/** How many old bars go at once when live ones would pass the limit. */
export const TRIM_BARS = 1_000

export function barOf(candle: Candle): Bar {
  return {
    timestamp: candle.time,
    open: Number(candle.open),
    high: Number(candle.high),
    low: Number(candle.low),
    close: Number(candle.close),
    volume: Number(candle.volume),
    turnover: Number(candle.quote_volume),
  }
}

function flat(timestamp: number, price: number): Bar {
  return { timestamp, open: price, high: price, low: price, close: price, volume: 0, turnover: 0 }
}

/** Flat bars for the intervals after `last` and before `before` (Unix milliseconds). */
export function between(last: Bar, before: number, lengthMs: number): Bar[] {
  const count = Math.max(0, Math.ceil((before - last.timestamp) / lengthMs) - 1)
  return Array.from({ length: count }, (_, index) => flat(last.timestamp + (index + 1) * lengthMs, last.close))
}

/** Returns bars in order with every interval between two of them filled. */
export function gapless(bars: readonly Bar[], lengthMs: number): Bar[] {
  const all: Bar[] = []
  for (const bar of bars) {
    const last = all.at(-1)
    if (last && bar.timestamp <= last.timestamp) throw new RangeError(`bars out of order at ${bar.timestamp}`)
    if (last) all.push(...between(last, bar.timestamp, lengthMs))
    all.push(bar)
  }
  return all
}

/** What news mean for kept bars. */
export interface Merged {
  /** Bars in the place of kept ones: their index, and what is there now. */
  changed: { index: number; bar: Bar }[]
  /** Bars after the kept ones, gapless. */
  added: Bar[]
}

/** Says what `news` (in order) change of `bars` (gapless, not empty); news from before the first bar say nothing. */
export function merge(bars: readonly Bar[], news: readonly Bar[], lengthMs: number): Merged {
  const [first, last] = [bars[0], bars.at(-1)]
  if (!first || !last) return { changed: [], added: gapless(news, lengthMs) }
  const changed: Merged["changed"] = []
  const later: Bar[] = []
  for (const bar of news) {
    if (bar.timestamp > last.timestamp) later.push(bar)
    else if (bar.timestamp >= first.timestamp) {
      changed.push({ index: Math.round((bar.timestamp - first.timestamp) / lengthMs), bar })
    }
  }
  const end = changed.find(({ index }) => index === bars.length - 1)?.bar ?? last
  return { changed, added: gapless([end, ...later], lengthMs).slice(1) }
}
