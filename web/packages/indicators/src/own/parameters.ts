/** Parameters and outputs as our own indicators write them. */

import type { ChoiceParameter, NumberParameter, Output } from "../types.ts"

export const MAX_PERIOD = 500

export const period = (value: number, key = "period", min = 1): NumberParameter => ({
  key,
  kind: "int",
  default: value,
  min,
  max: MAX_PERIOD,
  step: 1,
})

export const real = (key: string, value: number, min: number, max: number, step: number): NumberParameter => ({
  key,
  kind: "real",
  default: value,
  min,
  max,
  step,
})

export const choice = (key: string, choices: readonly [string, ...string[]]): ChoiceParameter => ({
  key,
  kind: "choice",
  default: choices[0],
  choices,
})

export const line = (key = "value"): Output => ({ key, draw: "line" })
export const dashed = (key: string): Output => ({ key, draw: "dashed" })
export const upper = (key: string): Output => ({ key, draw: "line", band: "upper" })
export const lower = (key: string): Output => ({ key, draw: "line", band: "lower" })
