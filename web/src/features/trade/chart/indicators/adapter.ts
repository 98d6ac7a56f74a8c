/**
 * Puts indicators of @cse/indicators on the chart: the library draws, we compute. `showIndicators` brings a chart to a
 * list of settings; whoever owns the list calls it whenever that changed.
 */

import { indicator as find, type Indicator, type Output, parametersOf } from "@cse/indicators"
import { type Chart, type IndicatorTooltipData, type KLineData, registerIndicator, type Indicator as Shown } from "klinecharts"
import type { IndicatorSetting } from "../layouts/schema"
import { parametersText } from "./chosen"
import { drawBand, drawLevels, type Extra, figuresOf } from "./figures"
import { isPattern, markFigures, markRows } from "./marks"
import { TINTS } from "./palette"
import { levelsOf, precisionOf } from "./axis"
import { type Row, rowsOf, seriesOf } from "./series"

const PREFIX = "cse_"
const PRICE_PANE = "candle_pane"
/** CSS pixels of a new pane below the prices. */
const PANE_HEIGHT = 96

/** What an indicator and its outputs are called on the chart. */
export interface Titles {
  readonly indicator: (name: string) => string
  readonly output: (key: string) => string
  /** A moment in words; `time` in Unix milliseconds, 0 is the first candle. */
  readonly moment: (time: number) => string
}

/** The library's name for one of ours. */
export const libraryName = (name: string): string => `${PREFIX}${name}`

const registered = new Set<string>()

function compute(indicator: Indicator) {
  return (list: KLineData[], shown: Shown<Row>): Row[] => {
    const keys = indicator.parameters.map((parameter) => parameter.key)
    const given = Object.fromEntries(shown.calcParams.map((value, index) => [keys[index] ?? "", value]))
    const values = indicator.compute(seriesOf(list), given as Record<string, number | string>)
    if (isPattern(indicator)) return markRows(values.value, list)
    return rowsOf(values, list.length, shown.result)
  }
}

/** What is drawn behind an indicator's lines: the space of its band, or the levels of its pane. */
function drawBehind(indicator: Indicator): ReturnType<typeof drawBand> | null {
  const upper = indicator.outputs.find((output) => output.band === "upper")
  const lower = indicator.outputs.find((output) => output.band === "lower")
  if (upper && lower) return drawBand(indicator.outputs, upper.key, lower.key)
  const levels = levelsOf(indicator)
  return levels.length > 0 ? drawLevels(levels) : null
}

const drawn = (indicator: Indicator, titleOf: (output: Output) => string) =>
  isPattern(indicator) ? markFigures() : figuresOf(indicator, titleOf)

function register(indicator: Indicator): void {
  if (registered.has(indicator.name)) return
  registered.add(indicator.name)
  registerIndicator<Row>({
    name: libraryName(indicator.name),
    ...precisionOf(indicator),
    shouldFormatBigNumber: indicator.group === "volume",
    figures: drawn(indicator, () => ""),
    calc: compute(indicator),
    draw: drawBehind(indicator),
    createTooltipDataSource: legend,
  })
}

function valuesOf(indicator: Indicator, setting: IndicatorSetting): (number | string)[] {
  const values = parametersOf(indicator, setting.parameters)
  return indicator.parameters.map((parameter) => values[parameter.key] ?? parameter.default)
}

/** Whether a setting names an indicator that there is, with parameters that it takes. */
export function isUsable(setting: IndicatorSetting): boolean {
  const indicator = find(setting.name)
  if (indicator === undefined) return false
  try {
    parametersOf(indicator, setting.parameters)
    return true
  } catch (refused) {
    if (refused instanceof RangeError) return false
    throw refused
  }
}

const extraOf = (setting: IndicatorSetting, tint: number, titles: Titles): Extra => ({
  tint,
  told: parametersText(setting, titles.moment),
})

/** The legend's words in brackets: moments as such; all else in it stays the library's own. */
function legend({ indicator }: { indicator: Shown<Row> }): IndicatorTooltipData {
  const told = (indicator.extendData as Extra | null)?.told ?? ""
  return { calcParamsText: told === "" ? "" : `(${told})` } as IndicatorTooltipData // it takes what is there
}

function create(chart: Chart, setting: IndicatorSetting, tint: number, titles: Titles): void {
  const indicator = find(setting.name)
  if (indicator === undefined) return
  register(indicator)
  const many = indicator.outputs.length > 1
  const titleOf = (output: Output) => (many ? titles.output(output.key) : "")
  const extendData = extraOf(setting, tint, titles)
  const paneId = indicator.pane === "price" ? PRICE_PANE : `${PREFIX}${setting.id}`
  chart.createIndicator(
    {
      name: libraryName(setting.name),
      id: setting.id,
      paneId,
      shortName: titles.indicator(setting.name),
      calcParams: valuesOf(indicator, setting),
      figures: drawn(indicator, titleOf) as never[],
      extendData,
    },
    true,
  )
  if (indicator.pane === "own") chart.setPaneOptions({ id: paneId, height: PANE_HEIGHT, minHeight: 48 })
}

const ours = (chart: Chart): Shown[] => chart.getIndicators().filter((each) => each.name.startsWith(PREFIX))

/**
 * Shows the indicators of `settings` and no others of ours, each with its parameters; those that are shown already keep
 * their pane. Settings that are not usable (a layout of another version) are left out.
 */
export function showIndicators(chart: Chart, settings: readonly IndicatorSetting[], titles: Titles): void {
  const wanted = new Map(settings.filter(isUsable).map((setting) => [setting.id, setting]))
  const kept = new Set<string>()
  for (const shown of ours(chart)) {
    const setting = wanted.get(shown.id)
    if (setting !== undefined && libraryName(setting.name) === shown.name) kept.add(shown.id)
    else chart.removeIndicator({ id: shown.id })
  }
  let tint = 0
  for (const setting of wanted.values()) {
    const own = setting.tint ?? tint++ % TINTS
    if (kept.has(setting.id)) change(chart, setting, own, titles)
    else create(chart, setting, own, titles)
  }
}

function change(chart: Chart, setting: IndicatorSetting, tint: number, titles: Titles): void {
  const indicator = find(setting.name)
  if (indicator === undefined) return
  const calcParams = valuesOf(indicator, setting)
  const shortName = titles.indicator(setting.name)
  const extendData = extraOf(setting, tint, titles)
  chart.overrideIndicator({ name: libraryName(setting.name), id: setting.id, calcParams, shortName, extendData })
}
