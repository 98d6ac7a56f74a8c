/** The chart library's styles, made of the design's tokens. */

import type { CandleType, DeepPartial, Styles } from "klinecharts"
import type { ChartType } from "./look"
import { FONT, faded, type Tokens } from "./tokens"

const KINDS: Record<ChartType, CandleType> = {
  candles: "candle_solid",
  hollow: "candle_up_stroke",
  bars: "ohlc",
  line: "area",
  area: "area",
  heikin_ashi: "candle_solid", // drawn by heikin-ashi.ts over candles that are not seen
}

export function stylesOf(tokens: Tokens, type: ChartType): DeepPartial<Styles> {
  return {
    grid: {
      horizontal: { color: faded(tokens.line, 0.6), style: "solid" },
      vertical: { color: faded(tokens.line, 0.6), style: "solid" },
    },
    candle: candle(tokens, type),
    indicator: indicator(tokens),
    xAxis: axis(tokens),
    yAxis: axis(tokens),
    separator: { size: 1, color: tokens.line, activeBackgroundColor: faded(tokens.brand, 0.2) },
    crosshair: crosshair(tokens),
    overlay: overlay(tokens),
  }
}

function candle(tokens: Tokens, type: ChartType): DeepPartial<Styles["candle"]> {
  const unseen = type === "heikin_ashi"
  const [up, down] = unseen ? ["transparent", "transparent"] : [tokens.up, tokens.down]
  const none = unseen ? "transparent" : tokens.muted
  return {
    type: KINDS[type],
    bar: {
      upColor: up, downColor: down, noChangeColor: none,
      upBorderColor: up, downBorderColor: down, noChangeBorderColor: none,
      upWickColor: up, downWickColor: down, noChangeWickColor: none,
    },
    area: area(tokens, type),
    priceMark: priceMark(tokens),
    tooltip: { showRule: "none", offsetTop: 30 }, // the legend is HTML: legend.tsx
  }
}

function area(tokens: Tokens, type: ChartType): DeepPartial<Styles["candle"]["area"]> {
  const fill = [
    { offset: 0, color: faded(tokens.info, 0.02) },
    { offset: 1, color: faded(tokens.info, 0.25) },
  ]
  return {
    lineSize: 1.5,
    lineColor: tokens.info,
    backgroundColor: type === "area" ? fill : "transparent",
    point: { show: false, animation: false },
  }
}

function priceMark(tokens: Tokens): DeepPartial<Styles["candle"]["priceMark"]> {
  const end = { color: tokens.muted, textFamily: FONT, textSize: 11 }
  const padding = { paddingLeft: 4, paddingRight: 4, paddingTop: 3, paddingBottom: 3 }
  const text = { size: 11, family: FONT, color: tokens.canvas, borderRadius: 2, ...padding }
  // Nothing is merged into the texts of this list: each needs all of its fields, or the axis has no width.
  const border = { style: "fill" as const, borderStyle: "solid" as const, borderSize: 0, borderColor: "transparent", borderDashedValue: [2, 2] }
  const countdown = { ...text, ...border, weight: "normal", show: true, position: "below_price" as const, updateInterval: 1_000 }
  return {
    high: end,
    low: end,
    last: {
      upColor: tokens.up,
      downColor: tokens.down,
      noChangeColor: tokens.muted,
      line: { style: "dashed", dashedValue: [2, 3], size: 1 },
      text: { ...text, weight: "600" },
      extendTexts: [countdown],
    },
  }
}

function indicator(tokens: Tokens): DeepPartial<Styles["indicator"]> {
  const text = { color: tokens.muted, size: 11, family: FONT }
  return {
    ohlc: { upColor: faded(tokens.up, 0.7), downColor: faded(tokens.down, 0.7), noChangeColor: tokens.muted },
    lastValueMark: { show: false },
    tooltip: { title: text, legend: text, offsetLeft: 8, offsetTop: 6 },
  }
}

function axis(tokens: Tokens): DeepPartial<Styles["xAxis"]> {
  return {
    axisLine: { color: tokens.line },
    tickLine: { show: false },
    tickText: { color: tokens.muted, size: 11, family: FONT },
  }
}

function crosshair(tokens: Tokens): DeepPartial<Styles["crosshair"]> {
  const line = { color: tokens["line-strong"], style: "dashed" as const, dashedValue: [3, 3] }
  const text = { color: tokens.text, backgroundColor: tokens.raised, borderColor: tokens["line-strong"], size: 11, family: FONT, borderRadius: 2 }
  return { horizontal: { line, text }, vertical: { line, text } }
}

function overlay(tokens: Tokens): DeepPartial<Styles["overlay"]> {
  const color = tokens.info
  const shape = { color: faded(color, 0.15), borderColor: color }
  return {
    point: { color, borderColor: faded(color, 0.35), activeColor: color, activeBorderColor: faded(color, 0.35) },
    line: { color, size: 1 },
    rect: shape,
    polygon: shape,
    circle: shape,
    arc: { color },
    text: { color: tokens.text, backgroundColor: tokens.raised, borderColor: tokens["line-strong"], size: 12, family: FONT },
  }
}
