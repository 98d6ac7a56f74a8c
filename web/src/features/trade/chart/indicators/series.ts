/** The chart's candles as the columns that indicators are computed from. */

import type { Series } from "@cse/indicators"
import type { KLineData } from "klinecharts"

let kept: { readonly list: readonly KLineData[]; readonly series: Series } | null = null

/** Whether columns are of this list as it is: it grows and its newest candle changes, at times twice in one go. */
function isOf({ close, high, low, volume }: Series, list: readonly KLineData[]): boolean {
  const [last, index] = [list.at(-1), list.length - 1]
  if (last === undefined || close.length !== list.length) return close.length === list.length
  const same = close[index] === last.close && high[index] === last.high && low[index] === last.low
  return same && volume[index] === (last.volume ?? 0)
}

/**
 * Return the columns of a list of candles (times in Unix milliseconds). The chart changes its list in place and then
 * computes all indicators in one go: what was made of the list is shared until that is over, and never longer.
 */
export function seriesOf(list: readonly KLineData[]): Series {
  if (kept?.list === list && isOf(kept.series, list)) return kept.series
  const series = columns(list)
  kept = { list, series }
  queueMicrotask(() => {
    kept = null
  })
  return series
}

function columns(list: readonly KLineData[]): Series {
  const make = () => new Float64Array(list.length)
  const series = { time: make(), open: make(), high: make(), low: make(), close: make(), volume: make() }
  for (const [index, candle] of list.entries()) {
    series.time[index] = candle.timestamp
    series.open[index] = candle.open
    series.high[index] = candle.high
    series.low[index] = candle.low
    series.close[index] = candle.close
    series.volume[index] = candle.volume ?? 0
  }
  return series
}

/** What the chart draws of one candle: a number per output, or nothing. */
export type Row = Record<string, number | undefined>

/** Put columns into the chart's rows; those it has already are filled anew, so that live candles make no garbage. */
export function rowsOf(values: Readonly<Record<string, Float64Array>>, count: number, old: readonly Row[]): Row[] {
  const columns = Object.entries(values)
  return Array.from({ length: count }, (_, index) => {
    const row = old[index] ?? {}
    for (const [key, column] of columns) {
      const value = column[index]
      row[key] = value === undefined || Number.isNaN(value) ? undefined : value
    }
    return row
  })
}
