/** Draws a depth chart: steps of bids to the left of the middle, of asks to its right, the middle, the pointer. */

import { FONT, faded, type Tokens } from "../engine/tokens"
import { type Depth, type DepthPoint, levelAt, rangeOf } from "./model"

export interface DepthView {
  /** CSS pixels. */
  width: number
  height: number
  /** How far from the middle the chart reaches, as a share of it. */
  share: number
  /** Where the pointer is, CSS pixels from the left; null: elsewhere. */
  pointer: number | null
  priceText: (price: number) => string
  amountText: (amount: number) => string
}

const AXIS_PX = 20
const TOP_PX = 8

/** The price at a place. */
export function priceAt(depth: Depth, view: Pick<DepthView, "share" | "width">, x: number): number | null {
  const range = rangeOf(depth, view.share)
  return range && view.width > 0 ? range.low + (x / view.width) * (range.high - range.low) : null
}

export function paintDepth(context: CanvasRenderingContext2D, depth: Depth, view: DepthView, tokens: Tokens): void {
  const { width, height } = view
  context.clearRect(0, 0, width, height)
  const range = rangeOf(depth, view.share)
  if (!range || range.most === 0) return
  const x = (price: number): number => ((price - range.low) / (range.high - range.low)) * width
  const y = (base: number): number => height - AXIS_PX - (base / range.most) * (height - AXIS_PX - TOP_PX)
  steps(context, depth.bids, { x, y, end: 0, floor: height - AXIS_PX, color: tokens.up })
  steps(context, depth.asks, { x, y, end: width, floor: height - AXIS_PX, color: tokens.down })
  axes(context, { ...view, range, x, y }, tokens)
  if (depth.mid !== null) vertical(context, Math.round(x(depth.mid)), height - AXIS_PX, tokens["line-strong"])
  if (view.pointer !== null) pointer(context, depth, { ...view, x, y }, tokens)
}

interface Scales {
  x: (price: number) => number
  y: (base: number) => number
}

function steps(context: CanvasRenderingContext2D, points: readonly DepthPoint[], at: Scales & { end: number; floor: number; color: string }): void {
  const first = points[0]
  if (!first) return
  const outline = new Path2D()
  outline.moveTo(at.x(first.price), at.floor)
  let level = at.floor
  for (const { price, base } of points) {
    outline.lineTo(at.x(price), level)
    level = at.y(base)
    outline.lineTo(at.x(price), level)
  }
  outline.lineTo(at.end, level)
  const area = new Path2D(outline)
  area.lineTo(at.end, at.floor)
  context.fillStyle = faded(at.color, 0.16)
  // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- no array: a canvas fills a path
  context.fill(area)
  context.strokeStyle = at.color
  context.lineWidth = 1.5
  context.stroke(outline)
}

function axes(context: CanvasRenderingContext2D, at: DepthView & Scales & { range: { low: number; high: number; most: number } }, tokens: Tokens): void {
  context.font = `11px ${FONT}`
  context.fillStyle = tokens.muted
  context.textBaseline = "middle"
  const { low, high, most } = at.range
  for (const part of [0.15, 0.5, 0.85]) {
    context.textAlign = "center"
    context.fillText(at.priceText(low + part * (high - low)), part * at.width, at.height - AXIS_PX / 2)
  }
  context.textAlign = "right"
  for (const part of [0.5, 1]) context.fillText(at.amountText(most * part), at.width - 4, at.y(most * part) + 6)
}

function vertical(context: CanvasRenderingContext2D, x: number, bottom: number, color: string): void {
  context.strokeStyle = color
  context.lineWidth = 1
  context.setLineDash([2, 3])
  context.beginPath()
  context.moveTo(x + 0.5, 0)
  context.lineTo(x + 0.5, bottom)
  context.stroke()
  context.setLineDash([])
}

function pointer(context: CanvasRenderingContext2D, depth: Depth, at: DepthView & Scales, tokens: Tokens): void {
  const price = priceAt(depth, at, at.pointer ?? 0)
  const found = price === null ? null : levelAt(depth, price)
  if (!found || price === null) return
  const [x, y] = [at.x(price), at.y(found.point.base)]
  vertical(context, Math.round(x), at.height - AXIS_PX, tokens.muted)
  context.fillStyle = found.side === "bid" ? tokens.up : tokens.down
  context.beginPath()
  context.arc(x, y, 4, 0, 2 * Math.PI)
  context.fill()
}
