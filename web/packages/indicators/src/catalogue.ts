/** Every indicator: the server's, which server.json describes as `GET /api/indicators` does, and our own. */

import { Chosen, type Compute, type Computations, type Definition } from "./definition.ts"
import { momentum } from "./groups/momentum.ts"
import { cycles, prices, statistics, volatility } from "./groups/others.ts"
import { overlap } from "./groups/overlap.ts"
import { patterns } from "./groups/pattern.ts"
import { strength } from "./groups/strength.ts"
import { volumes } from "./groups/volume.ts"
import { padded } from "./kernels/array.ts"
import { ownMomentum } from "./own/momentum.ts"
import { ownOverlap } from "./own/overlap.ts"
import { ownSessions } from "./own/sessions.ts"
import { ownVolatility } from "./own/volatility.ts"
import { zigzag } from "./own/zigzag.ts"
import { parametersOf } from "./parameters.ts"
import server from "./server.json" with { type: "json" }
import type { Column, Group, Indicator, Output, Parameter, Series, Values } from "./types.ts"

type ServerFunction = (typeof server)[number]
type ServerParameter = ServerFunction["parameters"][number]

const COMPUTATIONS: Computations = {
  ...overlap,
  ...momentum,
  ...strength,
  ...volumes,
  ...volatility,
  ...prices,
  ...cycles,
  ...statistics,
  ...patterns,
}

const STYLES: Readonly<Record<string, Omit<Output, "key">>> = {
  line: { draw: "line" },
  dashed_line: { draw: "dashed" },
  dots: { draw: "dots" },
  histogram: { draw: "histogram" },
  upper_band: { draw: "line", band: "upper" },
  lower_band: { draw: "line", band: "lower" },
  signal: { draw: "signal" },
}

function parameterOf(given: ServerParameter): Parameter {
  const key = given.name
  if ("choices" in given && given.choices !== undefined) {
    return { key, kind: "ma", default: String(given.default), choices: given.choices }
  }
  const [min, max] = [Number(given.minimum), Number(given.maximum)]
  const whole = given.type === "integer"
  const step = whole ? 1 : max <= 1 ? 0.01 : 0.1
  return { key, kind: whole ? "int" : "real", default: Number(given.default), min, max, step }
}

function outputOf({ name, style }: ServerFunction["outputs"][number]): Output {
  const drawn = STYLES[style]
  if (drawn === undefined) throw new Error(`server.json: unknown style ${style}`)
  return { key: name, ...drawn }
}

function computeWith(indicator: Omit<Indicator, "compute">, compute: Compute): Indicator["compute"] {
  return (series: Series, parameters = {}) => {
    const chosen = new Chosen(parametersOf(indicator, parameters))
    const found = compute(series, chosen)
    const named = indicator.outputs.map(({ key }, index) => {
      const values = found[index]
      if (values === undefined) throw new Error(`${indicator.name} gives no ${key}`)
      return [key, padded(values, series.close.length)] as const
    })
    return Object.fromEntries(named) as Values
  }
}

function fromServer(told: ServerFunction): Indicator | null {
  const compute = COMPUTATIONS[told.name]
  if (compute === undefined) return null
  const indicator = {
    name: told.name,
    group: told.group as Group,
    pane: told.pane === "overlay" ? ("price" as const) : ("own" as const),
    inputs: told.inputs as Column[],
    parameters: told.parameters.map(parameterOf),
    outputs: told.outputs.map(outputOf),
    server: true,
    repaints: false,
  }
  return { ...indicator, compute: computeWith(indicator, compute) }
}

function fromOwn({ compute, repaints = false, ...own }: Definition): Indicator {
  const inputs: Column[] = ["open", "high", "low", "close", "volume"]
  const indicator = { ...own, inputs, server: false, repaints }
  return { ...indicator, compute: computeWith(indicator, compute) }
}

const OWN: readonly Definition[] = [...ownOverlap, zigzag, ...ownSessions, ...ownMomentum, ...ownVolatility]

/** Every indicator: the server's in its order, then our own. */
export const catalogue: readonly Indicator[] = [
  ...server.map(fromServer).filter((each): each is Indicator => each !== null),
  ...OWN.map(fromOwn),
]

const byName: ReadonlyMap<string, Indicator> = new Map(catalogue.map((each) => [each.name, each]))

/** Return an indicator by its name. */
export const indicator = (name: string): Indicator | undefined => byName.get(name)
