/** Charts as they are kept in this browser (localStorage), for all tabs' next start; the last tab to change wins. */

import { create } from "zustand"
import type { Drawing } from "../drawing/drawing"
import { BadLayout } from "./checks"
import { type ChartFile, type ChartSettings, EMPTY_FILE, FIRST_SETTINGS, LIMITS, type MarketChart, readFile } from "./schema"

export const STORAGE_KEY = "cse.chart"

interface Store {
  file: ChartFile
  /** What was kept could not be read, and the charts began anew; null: all is well. */
  refused: string | null
  /** The browser keeps nothing more (full, or forbidden). */
  unkept: boolean
}

function read(): Store {
  const kept = localStorage.getItem(STORAGE_KEY)
  try {
    return { file: kept === null ? EMPTY_FILE : readFile(kept), refused: null, unkept: false }
  } catch (refused) {
    if (!(refused instanceof BadLayout)) throw refused
    return { file: EMPTY_FILE, refused: refused.message, unkept: false }
  }
}

export const useChartFile = create<Store>()(() => read())

/** Replaces all that is kept. */
export function keepFile(file: ChartFile): void {
  let unkept = false
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(file))
  } catch {
    unkept = true // said once by the chart; it works on without
  }
  useChartFile.setState({ file, unkept })
}

/** A market's chart: as it was left, or as the standard layout has it. */
export function chartOf(file: ChartFile, market: string): MarketChart {
  const own = file.markets[market]
  if (own) return own
  const standard = file.saved.find((each) => each.name === file.standard)
  if (!standard) return { layout: null, settings: FIRST_SETTINGS, drawings: [] }
  return { layout: standard.name, settings: standard.settings, drawings: standard.drawings[market] ?? [] }
}

/** Changes a market's chart; past the limit of markets the one that was changed longest ago is forgotten. */
export function changeChart(market: string, change: Partial<MarketChart>): void {
  const { file } = useChartFile.getState()
  const { [market]: _, ...others } = file.markets
  const kept = Object.entries(others).slice(-(LIMITS.markets - 1))
  const next = { ...chartOf(file, market), ...change }
  keepFile({ ...file, markets: Object.fromEntries([...kept, [market, next]]) })
}

export function changeSettings(market: string, change: Partial<ChartSettings>): void {
  const { settings } = chartOf(useChartFile.getState().file, market)
  changeChart(market, { settings: { ...settings, ...change } })
}

export function changeDrawings(market: string, drawings: readonly Drawing[]): void {
  changeChart(market, { drawings })
}

/** Keeps a market's chart under a name; a layout of that name is replaced. False: there are too many. */
export function saveLayout(market: string, name: string): boolean {
  const { file } = useChartFile.getState()
  const chart = chartOf(file, market)
  const before = file.saved.find((each) => each.name === name)
  const others = file.saved.filter((each) => each.name !== name)
  if (others.length >= LIMITS.layouts) return false
  const { [market]: _, ...elsewhere } = before?.drawings ?? {}
  const drawings = Object.fromEntries([...Object.entries(elsewhere).slice(-(LIMITS.markets - 1)), [market, chart.drawings]])
  keepFile({ ...file, saved: [...others, { name, settings: chart.settings, drawings }] })
  changeChart(market, { layout: name })
  return true
}

export function applyLayout(market: string, name: string): void {
  const layout = useChartFile.getState().file.saved.find((each) => each.name === name)
  if (layout) changeChart(market, { layout: name, settings: layout.settings, drawings: layout.drawings[market] ?? [] })
}

export function deleteLayout(name: string): void {
  const { file } = useChartFile.getState()
  keepFile({
    ...file,
    standard: file.standard === name ? null : file.standard,
    saved: file.saved.filter((each) => each.name !== name),
    markets: Object.fromEntries(
      Object.entries(file.markets).map(([market, chart]) => [market, chart.layout === name ? { ...chart, layout: null } : chart]),
    ),
  })
}

/** Chooses what markets begin with that have no chart of their own yet; null: the app's own. */
export function setStandard(name: string | null): void {
  keepFile({ ...useChartFile.getState().file, standard: name })
}
