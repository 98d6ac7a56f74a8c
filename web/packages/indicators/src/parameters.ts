/** What values an indicator's parameters take. */

import type { Indicator, NumberParameter, Parameter, Parameters } from "./types.ts"

export type Problem = "unknown" | "number" | "whole" | "range" | "choice"

/** Return the values an indicator has when nobody chose others. */
export const defaults = (indicator: Pick<Indicator, "parameters">): Record<string, number | string> =>
  Object.fromEntries(indicator.parameters.map((parameter) => [parameter.key, parameter.default]))

function numberProblem(parameter: NumberParameter, value: number): Problem | null {
  if (parameter.kind === "int" && !Number.isInteger(value)) return "whole"
  return value >= parameter.min && value <= parameter.max ? null : "range"
}

/** Return what is wrong with a value, or null. */
export function problemOf(parameter: Parameter, value: number | string): Problem | null {
  if ("choices" in parameter) {
    return typeof value === "string" && parameter.choices.includes(value) ? null : "choice"
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return "number"
  if (parameter.kind !== "time") return numberProblem(parameter, value)
  return Number.isSafeInteger(value) && value >= 0 ? null : "range"
}

/**
 * Return a value for each parameter: the given one, else the default.
 * @throws {RangeError} a key is no parameter, or a value is out of its range.
 */
export function parametersOf(
  indicator: Pick<Indicator, "name" | "parameters">,
  given: Parameters = {},
): Record<string, number | string> {
  const values = defaults(indicator)
  for (const [key, value] of Object.entries(given)) {
    const parameter = indicator.parameters.find((known) => known.key === key)
    const problem = parameter === undefined ? "unknown" : problemOf(parameter, value)
    if (problem !== null) throw new RangeError(`${indicator.name}: ${key}=${value}: ${problem}`)
    values[key] = value
  }
  return values
}
