/**
 * Heikin-Ashi candles, drawn over the real ones (which then are not seen): legend, price line, orders and indicators stay
 * with real prices. Close = (O+H+L+C)/4, open = middle of the bar before, high and low take both in
 * (D. Valcu, "Using the Heikin-Ashi Technique", Stocks & Commodities, February 2004).
 */

import { type Chart, type IndicatorDrawCallback, type KLineData, registerIndicator } from "klinecharts"

export const HEIKIN_ASHI = "chart_heikin_ashi"

export interface Smoothed {
  open: number
  high: number
  low: number
  close: number
}

export function heikinAshi(bars: readonly Pick<KLineData, "open" | "high" | "low" | "close">[]): Smoothed[] {
  let before: Smoothed | null = null
  return bars.map((bar) => {
    const close = (bar.open + bar.high + bar.low + bar.close) / 4
    const open = before ? (before.open + before.close) / 2 : (bar.open + bar.close) / 2
    before = { open, high: Math.max(bar.high, open, close), low: Math.min(bar.low, open, close), close }
    return before
  })
}

const draw: IndicatorDrawCallback<Smoothed, unknown, unknown> = ({ ctx, chart, indicator, xAxis, yAxis }) => {
  const { from, to } = chart.getVisibleRange()
  const { gapBar } = chart.getBarSpace()
  const { upColor, downColor } = chart.getStyles().candle.priceMark.last
  const width = Math.max(1, gapBar)
  for (let index = from; index < to; index++) {
    const bar = indicator.result[index]
    if (!bar) continue
    const x = xAxis.convertToPixel(index)
    const [open, close] = [yAxis.convertToPixel(bar.open), yAxis.convertToPixel(bar.close)]
    const [high, low] = [yAxis.convertToPixel(bar.high), yAxis.convertToPixel(bar.low)]
    ctx.fillStyle = bar.close >= bar.open ? upColor : downColor
    ctx.fillRect(Math.round(x - 0.5), high, 1, Math.max(1, low - high))
    ctx.fillRect(Math.round(x - width / 2), Math.min(open, close), width, Math.max(1, Math.abs(open - close)))
  }
  return true
}

let registered = false

export function drawHeikinAshi(chart: Chart): void {
  if (!registered) {
    registered = true
    registerIndicator<Smoothed>({
      name: HEIKIN_ASHI,
      shortName: "",
      series: "price",
      figures: [{ key: "high" }, { key: "low" }],
      calc: (bars) => heikinAshi(bars),
      createTooltipDataSource: () => ({ name: "", calcParamsText: "", features: [], legends: [] }),
      draw,
    })
  }
  if (chart.getIndicators({ name: HEIKIN_ASHI }).length === 0) {
    chart.createIndicator({ name: HEIKIN_ASHI, paneId: "candle_pane" }, true)
  }
}
