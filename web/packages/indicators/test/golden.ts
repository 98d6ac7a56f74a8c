import { readFileSync } from "node:fs"
import type { Series } from "../src/index.ts"

export const FOLDER = new URL("../../../../tests/golden/indicators/", import.meta.url)
export type Told = readonly (number | null)[]

export const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as T

interface Candles {
  readonly times: readonly number[]
  readonly open: readonly number[]
  readonly high: readonly number[]
  readonly low: readonly number[]
  readonly close: readonly number[]
  readonly volume: readonly number[]
}

/** Return the first golden candles. */
export function goldenSeries(count = Number.POSITIVE_INFINITY): Series {
  const told = read<Candles>("candles.json")
  const column = (values: readonly number[]) => Float64Array.from(values.slice(0, count))
  return {
    time: column(told.times),
    open: column(told.open),
    high: column(told.high),
    low: column(told.low),
    close: column(told.close),
    volume: column(told.volume),
  }
}

/**
 * Return the first place where values are not what was told, or null. Told numbers have ten digits; below 1e-11 stands
 * what rounding leaves of a zero.
 */
export function difference(found: Float64Array | undefined, told: Told): string | null {
  if (found?.length !== told.length) return `${found?.length} values instead of ${told.length}`
  for (const [index, value] of told.entries()) {
    const got = found[index] as number
    const same = value === null ? Number.isNaN(got) : Math.abs(got - value) <= 1e-9 * Math.abs(value) + 1e-11
    if (!same) return `[${index}]: ${got} instead of ${value}`
  }
  return null
}
