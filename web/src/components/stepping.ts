import { add, compare, isStep, multiply, subtract, toStep } from "@cse/core"

export interface Stepping {
  /** A decimal, or "" (counts as the least one). */
  value: string
  step: string
  /** How many steps; negative goes down. */
  times: number
  min?: string | undefined
  max?: string | undefined
}

/** Moves a decimal by whole steps: a value between two steps goes to the nearest one that way; never below `min` or 0. */
export function stepped({ value, step, times, min = "0", max }: Stepping): string {
  const from = value === "" ? min : value
  const up = times > 0
  const start = isStep(from, step) ? from : toStep(from, step, up)
  const left = isStep(from, step) ? Math.abs(times) : Math.abs(times) - 1
  const by = multiply(step, String(left))
  const moved = up ? add(start, by) : compare(by, start) > 0 ? "0" : subtract(start, by)
  const capped = max !== undefined && compare(moved, max) > 0 ? max : moved
  return toStep(compare(capped, min) < 0 ? min : capped, step, compare(capped, min) < 0)
}
