/**
 * The library has no event for "the price axis moved". An overlay is drawn whenever it did, so one that draws nothing
 * tells: HTML that stands on prices (own orders) follows in the same frame.
 */

import { type Chart, registerOverlay, type YAxis } from "klinecharts"

export const PAINT_HOOK = "cse_paint_hook"
let registered = false

export interface Painted {
  yAxis: YAxis
  /** Of the price pane, CSS pixels. */
  width: number
  height: number
}

export function hookPaint(chart: Chart, painted: (state: Painted) => void): void {
  if (!registered) {
    registered = true
    registerOverlay<(state: Painted) => void>({
      name: PAINT_HOOK,
      totalStep: 1,
      createPointFigures: ({ overlay, yAxis, bounding }) => {
        if (yAxis) overlay.extendData({ yAxis, width: bounding.width, height: bounding.height })
        return []
      },
    })
  }
  chart.createOverlay({ name: PAINT_HOOK, id: PAINT_HOOK, lock: true, points: [{ timestamp: 0, value: 0 }], extendData: painted })
}
