/** What the chart library draws for an indicator's outputs. */

import type { Indicator, Output } from "@cse/indicators"
import type { IndicatorDrawParams, IndicatorFigure } from "klinecharts"
import { faded } from "../engine/tokens"
import { lineColor, palette } from "./palette"
import type { Row } from "./series"

/** What an indicator on the chart is told beside its parameters. */
export interface Extra {
  /** Where in the palette its lines begin. */
  readonly tint: number
  /** Its parameters in words. */
  readonly told: string
}

type Figure = IndicatorFigure<Row>
type Styles = NonNullable<Figure["styles"]>
type Told = Parameters<Styles>[0]

const tintOf = (told: Told): number => (told.indicator.extendData as Extra | undefined)?.tint ?? 0

type Attrs = NonNullable<Figure["attrs"]>

/** Where a line stops at a candle (a stepped one before it jumps, one with a direction before it turns) it is a point. */
function lineAttrs({ key, stepped }: Output, direction: string | undefined): Attrs {
  const same = direction ?? (stepped ? key : undefined)
  return ({ data, coordinate: { current } }) => {
    if (same === undefined || data.current?.[same] === data.next?.[same]) return null
    const point = { x: current.x, y: current[key] ?? 0 }
    return { coordinates: [point, point] }
  }
}

/** Lines of an indicator that also tells a direction have the direction's colour. */
function lineStyles(output: Output, line: number, direction: string | undefined): Styles {
  const dash = output.draw === "dashed" ? { style: "dashed" as const, dashedValue: [4, 3] } : { style: "solid" as const }
  return (told) => {
    const sign = direction === undefined ? undefined : told.data.current?.[direction]
    const { up, down } = palette()
    const own = lineColor(palette(), tintOf(told), line)
    return { ...dash, color: sign === undefined ? own : sign > 0 ? up : down, size: 1.25, smooth: false }
  }
}

/** Bars are up when they are above zero, and full when they grow away from where they were. */
function barStyles(key: string): Styles {
  return ({ data }) => {
    const [now, before] = [data.current?.[key] ?? 0, data.prev?.[key] ?? 0]
    const color = now >= 0 ? palette().up : palette().down
    const shown = Math.abs(now) >= Math.abs(before) ? faded(color, 0.8) : faded(color, 0.4)
    return { style: "fill", color: shown, borderColor: shown }
  }
}

function dotStyles(line: number): Styles {
  return (told) => {
    const color = lineColor(palette(), tintOf(told), line)
    return { style: "fill", color, borderColor: color }
  }
}

/** Bars that have no direction of their own: volume, and signals, of which the second one is of lows. */
function plainBarStyles(which: "quiet" | "up" | "down"): Styles {
  return () => {
    const color = faded(palette()[which], which === "quiet" ? 0.45 : 0.8)
    return { style: "fill", color, borderColor: color }
  }
}

function bars({ key, draw }: Output, index: number): Styles {
  if (draw === "signal") return plainBarStyles(index === 0 ? "up" : "down")
  return key === "volume" ? plainBarStyles("quiet") : barStyles(key)
}

function figureOf(output: Output, line: number, direction: string | undefined, title: string): Figure {
  const { key, draw } = output
  const base = { key, title }
  if (draw === "histogram" || draw === "signal") return { ...base, type: "bar", baseValue: 0, styles: bars(output, line) }
  if (draw === "dots") return { ...base, type: "circle", attrs: () => ({ r: 1.5 }), styles: dotStyles(line) }
  return { ...base, type: "line", attrs: lineAttrs(output, direction), styles: lineStyles(output, line, direction) }
}

/** Return the figures of an indicator; `titleOf` names an output in its legend ("" for a single one). */
export function figuresOf({ outputs }: Indicator, titleOf: (output: Output) => string): Figure[] {
  const lines = outputs.filter((output) => output.draw !== "signal")
  const direction = lines.length < outputs.length ? outputs.find((output) => output.draw === "signal")?.key : undefined
  const shown = lines.length === 0 ? outputs : lines
  return shown.map((output, index) => {
    const title = titleOf(output)
    const line = output.band === undefined ? index : bandLine(shown)
    return figureOf(output, line, direction, title === "" ? "" : `${title} `)
  })
}

/** Which line's colour a band has, both its edges and what is between. */
const bandLine = (outputs: readonly Output[]): number =>
  Math.max(
    0,
    outputs.findIndex((output) => output.band !== undefined),
  )

type Draw = IndicatorDrawParams<Row, unknown, unknown>

/** Fill the space between the band's lines; the lines themselves the library draws. */
export function drawBand(outputs: readonly Output[], upper: string, lower: string): (told: Draw) => boolean {
  const line = bandLine(outputs)
  return ({ ctx, chart, indicator, xAxis, yAxis }) => {
    const { from, to } = chart.getVisibleRange()
    const tint = (indicator.extendData as Extra | undefined)?.tint ?? 0
    ctx.fillStyle = faded(lineColor(palette(), tint, line), 0.08)
    const edge: [number, number, number][] = []
    const paint = () => {
      if (edge.length > 1) fill(ctx, edge)
      edge.length = 0
    }
    for (let index = Math.max(0, from - 1); index <= Math.min(to, indicator.result.length - 1); index++) {
      const [top, bottom] = [indicator.result[index]?.[upper], indicator.result[index]?.[lower]]
      if (top === undefined || bottom === undefined) paint()
      else edge.push([xAxis.convertToPixel(index), yAxis.convertToPixel(top), yAxis.convertToPixel(bottom)])
    }
    paint()
    return false
  }
}

/** Draw hairlines at levels that people look at. */
export function drawLevels(levels: readonly number[]): (told: Draw) => boolean {
  return ({ ctx, bounding, yAxis }) => {
    ctx.strokeStyle = faded(palette().quiet, 0.5)
    ctx.lineWidth = 1
    ctx.setLineDash([2, 3])
    ctx.beginPath()
    for (const level of levels) {
      const y = Math.round(yAxis.convertToPixel(level)) + 0.5
      ctx.moveTo(0, y)
      ctx.lineTo(bounding.width, y)
    }
    ctx.stroke()
    ctx.setLineDash([])
    return false
  }
}

function fill(ctx: CanvasRenderingContext2D, edge: readonly (readonly [number, number, number])[]): void {
  ctx.beginPath()
  for (const [x, top] of edge) ctx.lineTo(x, top)
  for (const [x, , bottom] of edge.toReversed()) ctx.lineTo(x, bottom)
  ctx.closePath()
  ctx.fill()
}
