/** Tools that the chart library lacks: a rectangle, and a measure of price and time. */

import { type Chart, type OverlayTemplate, registerOverlay } from "klinecharts"

const rectangle: OverlayTemplate = {
  name: "cse_rectangle",
  totalStep: 3,
  needDefaultPointFigure: true,
  needDefaultXAxisFigure: true,
  needDefaultYAxisFigure: true,
  createPointFigures: ({ coordinates: [from, to] }) =>
    from && to ? { type: "rect", attrs: box(from, to), styles: { style: "stroke_fill" } } : [],
}

const measure: OverlayTemplate = {
  name: "cse_measure",
  totalStep: 3,
  needDefaultPointFigure: true,
  needDefaultXAxisFigure: true,
  needDefaultYAxisFigure: true,
  createPointFigures: ({ chart, overlay, coordinates: [from, to] }) => {
    if (!from || !to) return []
    const text = measured(chart, overlay.points[0]?.value ?? 0, overlay.points[1]?.value ?? 0, to.x - from.x)
    const [middle, below] = [(from.x + to.x) / 2, to.y > from.y]
    const place = { x: middle, y: to.y + (below ? 6 : -6), align: "center", baseline: below ? "top" : "bottom" }
    return [
      { type: "rect", attrs: box(from, to), styles: { style: "fill" } },
      { type: "line", attrs: { coordinates: [{ x: middle, y: from.y }, { x: middle, y: to.y }] }, ignoreEvent: true },
      { type: "text", attrs: { ...place, text }, ignoreEvent: true },
    ]
  },
}

/** "+0.0120  +0.96 %  14 ↔": from a price to another, and how many candles between them. */
function measured(chart: Chart, from: number, to: number, width: number): string {
  const difference = to - from
  const sign = difference > 0 ? "+" : ""
  const percent = from === 0 ? 0 : (difference / from) * 100
  const bars = Math.round(width / chart.getBarSpace().bar)
  return `${sign}${difference.toFixed(chart.getSymbol()?.pricePrecision ?? 2)}  ${sign}${percent.toFixed(2)} %  ${bars} ↔`
}

interface Place {
  x: number
  y: number
}

function box(from: Place, to: Place): { x: number; y: number; width: number; height: number } {
  return { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) }
}

let registered = false

export function registerTools(): void {
  if (registered) return
  registered = true
  registerOverlay(rectangle)
  registerOverlay(measure)
}
