/**
 * How long 2,000 candles take, per indicator with its defaults, bundled as the app is (a test runner's module wrappers
 * make it ten times slower). From web/:
 *
 *     npx rolldown packages/indicators/bench/speed.ts --format esm --platform node -o /tmp/speed.mjs && node /tmp/speed.mjs
 */

import { stdout } from "node:process"
import { catalogue, type Series } from "../src/index.ts"

const COUNT = 2000
const RUNS = 41
const MINUTE_MS = 60_000

const column = () => new Float64Array(COUNT)

function randomWalk(): Series {
  let [seed, last] = [1, 100]
  const chance = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const walk = { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() }
  for (let i = 0; i < COUNT; i++) {
    walk.time[i] = i * MINUTE_MS
    walk.open[i] = last
    const close = last * (1 + (chance() - 0.5) / 100)
    walk.high[i] = Math.max(last, close) * (1 + chance() / 200)
    walk.low[i] = Math.min(last, close) * (1 - chance() / 200)
    walk.close[i] = close
    walk.volume[i] = 1 + chance() * 1000
    last = close
  }
  return walk
}

function medianMs(run: () => void): number {
  const times = Array.from({ length: RUNS }, () => {
    const begin = performance.now()
    run()
    return performance.now() - begin
  })
  return times.sort((a, b) => a - b)[(RUNS - 1) / 2] ?? Number.NaN
}

const series = randomWalk()
const found = catalogue.map((each) => ({ name: each.name, ms: medianMs(() => each.compute(series)) }))
found.sort((a, b) => b.ms - a.ms)
const total = found.reduce((sum, { ms }) => sum + ms, 0)
const slowest = found.slice(0, 12).map(({ name, ms }) => `${name} ${ms.toFixed(2)}`)
const middle = found[Math.floor(found.length / 2)]?.ms ?? 0
stdout.write(
  `${found.length} indicators of ${COUNT} candles, ms (median of ${RUNS} runs): all ${total.toFixed(1)}, ` +
    `the middle one ${middle.toFixed(3)}, slowest: ${slowest.join(", ")}\n`,
)
