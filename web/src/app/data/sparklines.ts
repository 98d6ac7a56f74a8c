/** Courses of the last day for lists: each market's is asked for when its row is seen, many rows in one call. */

import { type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { api } from "../exchange"

type Sparkline = components["schemas"]["Sparkline"]

/** Rows that come into sight within this time are asked for together, ms. */
const GATHER_MS = 40
/** Markets in one call, so that its address stays short. */
const AT_ONCE = 100
const FRESH_MS = 60_000

const waiting = new Map<string, ((found: Promise<Sparkline | null>) => void)[]>()
let timer: ReturnType<typeof setTimeout> | null = null

/** A market's closes of the last 24 hours, oldest first; for drawing only. Empty before its first trade. */
export function useSparkline(market: string): readonly number[] {
  const query = useQuery({
    queryKey: ["sparklines", market],
    queryFn: async () => drawable(await gathered(market)),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  })
  return query.data ?? NONE
}

const NONE: readonly number[] = []

/** Closes from the first trade on, as numbers for pixels. */
export function drawable(line: Sparkline | null): readonly number[] {
  return line === null ? NONE : line.closes.flatMap((close) => (close === null ? [] : [close / 10 ** line.scale]))
}

async function gathered(market: string): Promise<Sparkline | null> {
  timer ??= setTimeout(flush, GATHER_MS)
  return await new Promise((resolve) => waiting.set(market, [...(waiting.get(market) ?? []), resolve]))
}

function flush(): void {
  timer = null
  const asked = [...waiting]
  waiting.clear()
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const part = asked.slice(at, at + AT_ONCE)
    const answer = linesOf(part.map(([market]) => market))
    for (const [market, waiters] of part) {
      for (const resolve of waiters) resolve(answer.then((lines) => lines.get(market) ?? null))
    }
  }
}

async function linesOf(markets: readonly string[]): Promise<ReadonlyMap<string, Sparkline>> {
  const query = { markets: markets.join(","), interval: "15m" as const, points: 96 }
  const { sparklines } = told(await api.GET("/api/sparklines", { params: { query } }))
  return new Map(sparklines.map((line) => [line.market, line]))
}
