/** Moving averages by name, as parameters name them. */

import { type Floats } from "./array.ts"
import { mama } from "./hilbert.ts"
import { sma } from "./rolling.ts"
import { dema, ema, hma, kama, rma, t3, tema, trima, wma, zlema } from "./smoothing.ts"

type Average = (values: Floats, period: number) => Floats

const AVERAGES: Readonly<Record<string, Average>> = {
  sma,
  ema: (values, period) => ema(values, period),
  wma,
  dema,
  tema,
  trima,
  kama,
  mama: (values) => mama(values, 0.5, 0.05).mama,
  t3: (values, period) => t3(values, period, 0.7),
  hma,
  zlema,
  rma,
}

/** Moving average of a type; a period of 1 is the values themselves. */
export function average(type: string, values: Floats, period: number): Floats {
  const of = AVERAGES[type]
  if (of === undefined) throw new RangeError(`no moving average ${type}`)
  return period === 1 ? values.slice() : of(values, period)
}
