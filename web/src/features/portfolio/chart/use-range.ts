/** How far back the chart looks: as the person chose, else up to a week, less while the account is young. */

import { type PortfolioHistory, type Range, useValues } from "../data"
import { usePortfolioSettings } from "../settings"

export const RANGES = ["1h", "1d", "1w", "1m", "3m", "1y", "all"] as const satisfies readonly Range[]

/** Fewer points than this are no line: an account of today has them by the minute. */
const ENOUGH = 8

export interface ValuesState {
  range: Range
  history: PortfolioHistory | undefined
  /** What is shown is still another range's. */
  waits: boolean
  error: Error | null
  retry: () => void
}

export function useRange(): ValuesState {
  const chosen = usePortfolioSettings((settings) => settings.range)
  const week = useValues("1w", chosen === null)
  const young = chosen === null && (week.data?.points.length ?? ENOUGH) < ENOUGH
  const day = useValues("1d", young)
  const newborn = young && (day.data?.points.length ?? ENOUGH) < ENOUGH
  const range = chosen ?? (newborn ? "1h" : young ? "1d" : "1w")
  const shown = useValues(range)
  return {
    range,
    history: shown.data,
    waits: shown.isPlaceholderData,
    error: shown.data ? null : shown.error,
    retry: () => void shown.refetch(),
  }
}
