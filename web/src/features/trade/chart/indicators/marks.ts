/** Candle patterns on the chart: a small triangle under a bullish candle, over a bearish one. */

import type { Indicator } from "@cse/indicators"
import type { IndicatorFigure, KLineData } from "klinecharts"
import { palette } from "./palette"
import type { Row } from "./series"

/** Pixels between a candle and its mark. */
const AWAY = 9

export const isPattern = (indicator: Indicator): boolean => indicator.group === "pattern"

/** Return where marks stand, as rows: `below` under lows, `above` over highs; nothing where there is no pattern. */
export function markRows(found: Float64Array | undefined, list: readonly KLineData[]): Row[] {
  return list.map((candle, index) => {
    const signal = found?.[index] ?? 0
    return { below: signal > 0 ? candle.low : undefined, above: signal < 0 ? candle.high : undefined }
  })
}

function mark(key: "below" | "above", sign: string, away: number): IndicatorFigure<Row> {
  return {
    key,
    type: "text",
    attrs: ({ coordinate: { current } }) => ({ text: sign, y: (current[key] ?? 0) + away }),
    styles: () => ({
      color: key === "below" ? palette().up : palette().down,
      backgroundColor: "transparent",
      borderColor: "transparent",
      size: 9,
      paddingLeft: 0,
      paddingRight: 0,
      paddingTop: 0,
      paddingBottom: 0,
    }),
  }
}

export const markFigures = (): IndicatorFigure<Row>[] => [mark("below", "\u25b2", AWAY), mark("above", "\u25bc", -AWAY)]
