/**
 * What is kept of charts in this browser and in exported files: settings and drawings of each market, and layouts that
 * people named. Version 1. Everything is checked when it is read; a limit here is a limit of what is kept.
 */

import { INTERVALS } from "../engine/intervals"
import { CHART_TYPES, FIRST_LOOK, type Look, SCALES, ZONES } from "../engine/look"
import { DRAWING_COLORS, type Drawing, isTool } from "../drawing/drawing"
import { bool, finite, list, nullable, type Check, object, oneOf, pairs, text, that, version } from "./checks"

export const LIMITS = {
  layouts: 50,
  markets: 100,
  indicators: 20,
  drawings: 200,
  /** Of one drawing: a brush has many. */
  points: 2_000,
  nameLength: 40,
  textLength: 200,
  /** Of an imported file. */
  bytes: 2_000_000,
} as const

export interface IndicatorSetting {
  id: string
  /** As in @cse/indicators. */
  name: string
  parameters: Readonly<Record<string, number | string>>
  /** Which colour of the palette its first line has, from 0; without one the chart takes any. */
  tint?: number
}

export interface ChartSettings extends Look {
  volume: boolean
  indicators: readonly IndicatorSetting[]
}

export interface MarketChart {
  /** The layout that was chosen last; null: none. */
  layout: string | null
  settings: ChartSettings
  drawings: readonly Drawing[]
}

export interface SavedLayout {
  name: string
  settings: ChartSettings
  /** By market: prices of one say nothing on another. */
  drawings: Readonly<Record<string, readonly Drawing[]>>
}

export interface ChartFile {
  version: 1
  /** The layout that markets begin with; null: the app's own. */
  standard: string | null
  saved: readonly SavedLayout[]
  markets: Readonly<Record<string, MarketChart>>
}

export const FIRST_SETTINGS: ChartSettings = { ...FIRST_LOOK, volume: true, indicators: [] }
export const EMPTY_FILE: ChartFile = { version: 1, standard: null, saved: [], markets: {} }

const name = that(text(LIMITS.nameLength), (value) => value.trim() !== "", "a name")
const market = text(33)

const drawing: Check<Drawing> = object({
  id: text(60),
  tool: that(text(40), isTool, "a drawing tool") as Check<Drawing["tool"]>,
  points: list(object({ timestamp: nullable(finite), value: nullable(finite) }), LIMITS.points),
  color: oneOf(DRAWING_COLORS),
  width: oneOf([1, 2, 3] as const),
  text: text(LIMITS.textLength),
})

/** The fields that every indicator has; the colour came later. */
const indicatorFields: Check<IndicatorSetting> = object({
  id: text(60),
  name: text(60),
  parameters: pairs(text(40), (value, path) => (typeof value === "number" ? finite(value, path) : text(60)(value, path)), 20),
})

const tint = oneOf([0, 1, 2, 3, 4, 5, 6] as const)

const indicator: Check<IndicatorSetting> = (value, path) => {
  const fields = indicatorFields(value, path)
  const given = (value as { tint?: unknown }).tint
  return given === undefined ? fields : { ...fields, tint: tint(given, `${path}.tint`) }
}

const settings: Check<ChartSettings> = object({
  interval: oneOf(INTERVALS),
  type: oneOf(CHART_TYPES),
  scale: oneOf(SCALES),
  zone: oneOf(ZONES),
  volume: bool,
  indicators: list(indicator, LIMITS.indicators),
})

const drawings = list(drawing, LIMITS.drawings)

const file: Check<ChartFile> = object({
  version: version(1),
  standard: nullable(name),
  saved: list(object({ name, settings, drawings: pairs(market, drawings, LIMITS.markets) }), LIMITS.layouts),
  markets: pairs(market, object({ layout: nullable(name), settings, drawings }), LIMITS.markets),
})

/** Returns what a JSON text says. Throws BadLayout, with the place, where it is nothing of ours. */
export function readFile(json: string): ChartFile {
  return file(parse(json), "")
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null // the check says that it is no object
  }
}
