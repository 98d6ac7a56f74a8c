/** The list of a chart's indicators: adding, changing, taking away. */

import { defaults, type Indicator, indicator as find, type Parameters } from "@cse/indicators"
import { type IndicatorSetting, LIMITS } from "../layouts/schema"
import { TINTS } from "./palette"

export type Chosen = readonly IndicatorSetting[]

export const isFull = (chosen: Chosen): boolean => chosen.length >= LIMITS.indicators

/** Return the list with one more, of default parameters, in a colour that no other has yet; a full list stays as it is. */
export function added(chosen: Chosen, indicator: Indicator, id: string): Chosen {
  if (isFull(chosen)) return chosen
  return [...chosen, { id, name: indicator.name, parameters: defaults(indicator), tint: freeTint(chosen) }]
}

/** Return the first colour that the fewest have. */
function freeTint(chosen: Chosen): number {
  const counts = Array.from({ length: TINTS }, (_, tint) => chosen.filter((each) => each.tint === tint).length)
  return counts.indexOf(Math.min(...counts))
}

export const removed = (chosen: Chosen, id: string): Chosen => chosen.filter((each) => each.id !== id)

export const changed = (chosen: Chosen, id: string, change: { parameters: Parameters } | { tint: number }): Chosen =>
  chosen.map((each) => (each.id === id ? { ...each, ...change } : each))

/** Return an id that none of the list has, "rsi-2" for the second RSI. */
export function freshId(chosen: Chosen, name: string): string {
  for (let number = 1; ; number++) {
    const id = `${name}-${number}`
    if (!chosen.some((each) => each.id === id)) return id
  }
}

/** Return a moment in local time and words; 0 is the first candle. */
export const momentText = (time: number, first: string, locale: string): string =>
  time === 0 ? first : new Date(time).toLocaleString(locale, { dateStyle: "short", timeStyle: "short" })

/** Return the parameters in words, "12, 26, 9"; moments are told by `moment`. */
export function parametersText(setting: IndicatorSetting, moment: (time: number) => string): string {
  const indicator = find(setting.name)
  if (indicator === undefined) return ""
  return indicator.parameters
    .map(({ key, kind, default: standard }) => {
      const value = setting.parameters[key] ?? standard
      return kind === "time" ? moment(Number(value)) : String(value)
    })
    .join(", ")
}
