/** How a person looks at a chart; part of every saved layout. */

import type { Interval } from "./intervals"

export const CHART_TYPES = ["candles", "hollow", "bars", "line", "area", "heikin_ashi"] as const
export type ChartType = (typeof CHART_TYPES)[number]

export const SCALES = ["normal", "logarithm", "percentage"] as const
export type Scale = (typeof SCALES)[number]

export const ZONES = ["local", "utc"] as const
export type Zone = (typeof ZONES)[number]

export interface Look {
  interval: Interval
  type: ChartType
  scale: Scale
  zone: Zone
}

export const FIRST_LOOK: Look = { interval: "1m", type: "candles", scale: "normal", zone: "local" }
