/** Value and net deposits on a canvas, without React. Made by `new`, ended by `close`. */

import {
  type ChartOptions,
  createChart,
  CrosshairMode,
  type DeepPartial,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type MouseEventParams,
  type Time,
  TickMarkType,
} from "lightweight-charts"
import { CANVAS_FONT } from "@/components/canvas-font"
import type { Point } from "../data"
import { axisLabels } from "./axis"
import { onColours, readColours } from "./colours"
import { GainBand } from "./gain-band"
import { type Place, placesOf, zoneOffsetS } from "./points"

const LATIN = "-u-nu-latn"

export class ValueChart {
  readonly #chart: IChartApi
  readonly #value: ISeriesApi<"Line">
  readonly #deposits: ISeriesApi<"Line">
  readonly #band = new GainBand()
  readonly #end: () => void
  #places: readonly Place[] = []

  /** Puts a chart into `element`, which has a size of its own; `onPoint` hears which point is under the pointer. */
  constructor(element: HTMLElement, locale: string, onPoint: (point: Point | null) => void) {
    this.#chart = createChart(element, optionsOf(locale))
    const plain = { lastValueVisible: false, priceLineVisible: false, priceFormat: { type: "price", precision: 2, minMove: 0.01 } } as const
    this.#deposits = this.#chart.addSeries(LineSeries, { ...plain, lineWidth: 1, lineStyle: LineStyle.Dashed, crosshairMarkerVisible: false })
    this.#value = this.#chart.addSeries(LineSeries, { ...plain, lineWidth: 2 })
    this.#value.attachPrimitive(this.#band)
    this.#colour()
    this.#end = onColours(() => this.#colour())
    this.#chart.subscribeCrosshairMove((moved) => onPoint(this.#pointAt(moved)))
    // The person reaches the numbers by the table: a canvas has nothing to focus.
    for (const canvas of element.querySelectorAll("canvas")) canvas.setAttribute("aria-hidden", "true")
  }

  close(): void {
    this.#end()
    this.#chart.remove()
  }

  show(points: readonly Point[]): void {
    this.#places = placesOf(points, zoneOffsetS(points.at(-1)?.time ?? Date.now()))
    this.#deposits.setData(this.#places.map(({ time, deposits }) => ({ time: time as Time, value: deposits }) as never))
    this.#value.setData(this.#places.map(({ time, value }) => ({ time: time as Time, value }) as never))
    this.#band.show(this.#places)
    this.#chart.timeScale().fitContent()
  }

  #pointAt({ time }: MouseEventParams): Point | null {
    return time === undefined ? null : (this.#places.find((each) => each.time === time)?.point ?? null)
  }

  #colour(): void {
    const colour = readColours()
    this.#chart.applyOptions({
      layout: { textColor: colour("muted"), background: { color: "transparent" } },
      grid: { horzLines: { color: colour("line") } },
      crosshair: { vertLine: { color: colour("muted") } },
    })
    this.#value.applyOptions({ color: colour("text"), crosshairMarkerBackgroundColor: colour("text"), crosshairMarkerBorderColor: colour("surface") })
    this.#deposits.applyOptions({ color: colour("muted") })
    this.#band.colour(colour("up", 0.16), colour("down", 0.16))
  }
}

function optionsOf(locale: string): DeepPartial<ChartOptions> {
  return {
    autoSize: true,
    // Its logo comes with a style element, which our content security policy refuses: the page has the link in words.
    layout: { attributionLogo: false, fontFamily: CANVAS_FONT, fontSize: 11 },
    grid: { vertLines: { visible: false } },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0.08 } },
    timeScale: { borderVisible: false, timeVisible: true, fixLeftEdge: true, fixRightEdge: true, tickMarkFormatter: markOf(locale) },
    localization: { tickmarksPriceFormatter: axisLabels(locale) },
    crosshair: { mode: CrosshairMode.Magnet, horzLine: { visible: false, labelVisible: false }, vertLine: { labelVisible: false } },
    handleScroll: false,
    handleScale: false,
  }
}

/** Marks of the time axis; the times were moved to this device's zone, so that they are printed as if they were UTC. */
function markOf(locale: string): (time: Time, kind: TickMarkType) => string {
  const print = (options: Intl.DateTimeFormatOptions) => {
    const form = new Intl.DateTimeFormat(locale + LATIN, { ...options, timeZone: "UTC" })
    return (time: Time) => form.format(Number(time) * 1_000)
  }
  const [year, month, day] = [print({ year: "numeric" }), print({ month: "short" }), print({ day: "numeric", month: "short" })]
  const clock = print({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  return (time, kind) => {
    if (kind === TickMarkType.Year) return year(time)
    if (kind === TickMarkType.Month) return month(time)
    return kind === TickMarkType.DayOfMonth ? day(time) : clock(time)
  }
}
