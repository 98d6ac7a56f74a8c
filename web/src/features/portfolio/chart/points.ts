/** Points of the history as places on a canvas: Number is for pixels, what is told stays text. */

import type { Point } from "../data"

export interface Place {
  /** Seconds, moved so that the library, which knows UTC alone, puts its marks at this device's midnights. */
  time: number
  value: number
  deposits: number
  point: Point
}

/** Places in rising order. The library wants one for a second at most: the newer one stays. */
export function placesOf(points: readonly Point[], zoneOffsetS: number): readonly Place[] {
  const places: Place[] = []
  for (const point of points) {
    const time = Math.floor(point.time / 1_000) + zoneOffsetS
    if (places.at(-1)?.time === time) places.pop()
    places.push({ time, value: Number(point.value), deposits: Number(point.net_deposits), point })
  }
  return places
}

/** Seconds that this device's clock is ahead of UTC at a time. One number for all points keeps them in order when clocks change. */
export function zoneOffsetS(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset() * 60
}

/** A place of the band: along, the value's height, the deposits' height; pixels from the top. */
export interface Edge {
  x: number
  value: number
  deposits: number
}

export interface Band {
  gain: boolean
  edges: readonly Edge[]
}

/** Cuts what lies between the two lines into gains and losses, where they cross too. Heights are from the top: above is less. */
export function bandsOf(edges: readonly Edge[]): readonly Band[] {
  const bands: { gain: boolean; edges: Edge[] }[] = []
  let before: Edge | null = null
  for (const edge of edges) {
    const last = bands.at(-1)
    // Where the lines meet, the band goes on as what it was.
    const gain = gainOf(edge) === 0 ? (last?.gain ?? true) : gainOf(edge) > 0
    if (last && before && last.gain !== gain) {
      const cross = crossing(before, edge)
      last.edges.push(cross)
      bands.push({ gain, edges: [cross, edge] })
    } else if (last) last.edges.push(edge)
    else bands.push({ gain, edges: [edge] })
    before = edge
  }
  return bands
}

function gainOf(edge: Edge): number {
  return edge.deposits - edge.value
}

/** Where two straight lines meet between two places at which they lie the other way round. */
function crossing(one: Edge, other: Edge): Edge {
  const [before, after] = [gainOf(one), gainOf(other)]
  const share = before / (before - after)
  const height = one.value + (other.value - one.value) * share
  return { x: one.x + (other.x - one.x) * share, value: height, deposits: height }
}
