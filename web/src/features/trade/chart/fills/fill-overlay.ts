/** Draws marks of fills: an arrow up below the candle for buys, down above it for sells, as colours are never alone. */

import { type Chart, type OverlayFigure, registerOverlay } from "klinecharts"
import { readTokens } from "../engine/tokens"
import type { FillMark } from "./marks"

const NAME = "cse_fills"
const SIZE_PX = 5
const AWAY_PX = 6

/** Told where a mark is when the pointer comes over it; null when it leaves. */
export type Hover = (at: { mark: FillMark; x: number; y: number } | null) => void

interface Carried {
  /** A call, as the library would copy what it is given at every turn. */
  marks: () => readonly FillMark[]
}

let registered = false

function register(): void {
  if (registered) return
  registered = true
  registerOverlay<Carried>({
    name: NAME,
    totalStep: 1,
    createPointFigures: ({ chart, overlay, xAxis, yAxis }) => {
      const [first, last] = visible(chart)
      if (!xAxis || !yAxis) return []
      const tokens = readTokens()
      const shown = overlay.extendData.marks().filter(({ time }) => time >= first && time <= last)
      return shown.map((mark) => arrow(mark, xAxis.convertTimestampToPixel(mark.time), yAxis.convertToPixel(mark.price), tokens))
    },
  })
}

function visible(chart: Chart): [first: number, last: number] {
  const bars = chart.getDataList()
  const { from, to } = chart.getVisibleRange()
  return [bars[from]?.timestamp ?? 0, bars[Math.max(0, to - 1)]?.timestamp ?? -1]
}

function arrow(mark: FillMark, x: number, price: number, tokens: ReturnType<typeof readTokens>): OverlayFigure {
  const buys = mark.side === "buy"
  const tip = price + (buys ? AWAY_PX : -AWAY_PX)
  const base = tip + (buys ? 1 : -1) * SIZE_PX * 1.8
  const coordinates = [{ x, y: tip }, { x: x - SIZE_PX, y: base }, { x: x + SIZE_PX, y: base }]
  const styles = { style: "stroke_fill", color: buys ? tokens.up : tokens.down, borderColor: tokens.surface, borderSize: 1 }
  return { key: `${mark.time}/${mark.side}`, type: "polygon", attrs: { coordinates }, styles }
}

/** Puts marks on a chart in the place of those before. */
export function showFills(chart: Chart, marks: readonly FillMark[], hover: Hover): void {
  register()
  chart.removeOverlay({ id: NAME })
  if (marks.length === 0) return
  const byKey = new Map(marks.map((mark) => [`${mark.time}/${mark.side}`, mark]))
  chart.createOverlay({
    name: NAME,
    id: NAME,
    points: [{ timestamp: 0, value: 0 }],
    extendData: { marks: () => marks } satisfies Carried,
    onMouseMove: ({ figure, x, y }) => {
      const mark = byKey.get(figure?.key ?? "")
      hover(mark && x !== undefined && y !== undefined ? { mark, x, y } : null)
    },
    onMouseLeave: () => hover(null),
    onRightClick: (event) => event.preventDefault?.(),
    onPressedMoveStart: (event) => event.preventDefault?.(),
  })
}
