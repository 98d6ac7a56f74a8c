/** What a chart shows. */

/** `past`: the person went to a date, and the chart does not reach now; `before`: to one before the first trade. */
export type ChartState = { kind: "loading" | "empty" | "live" | "past" | "before" } | { kind: "failed"; problem: unknown }

/** `bars`: how many there are; `around`: the date that the person went to, if any. */
export function kindOf(bars: number, around: number | null, following: boolean): Exclude<ChartState["kind"], "failed" | "loading"> {
  if (bars === 0) return around === null ? "empty" : "before"
  return following ? "live" : "past"
}
