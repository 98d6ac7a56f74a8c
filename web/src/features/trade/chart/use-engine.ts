/** One chart engine, with its drawings, per mounted chart. */

import type { Market } from "@cse/core"
import { useCallback, useEffect, useState, useSyncExternalStore } from "react"
import { useTranslation } from "react-i18next"
import { live } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { toast } from "@/components/toasts"
import { Drawings, type DrawingState } from "./drawing/drawings"
import { askCandles } from "./engine/ask-candles"
import { ChartEngine } from "./engine/chart-engine"
import type { ChartState } from "./engine/chart-state"
import { exchangeNow, setClock } from "./engine/clock"
import { useIndicators } from "./indicators/use-indicators"
import type { MarketChart } from "./layouts/schema"
import { changeDrawings } from "./layouts/store"

export interface Made {
  engine: ChartEngine
  drawings: Drawings
}

/** Returns the ref for the element that the chart fills, and what was made in it once it is there. */
export function useEngine(market: Market, chart: MarketChart): { mount: (element: HTMLElement | null) => (() => void) | undefined; made: Made | null } {
  const { t, i18n } = useTranslation("chart")
  const [made, setMade] = useState<Made | null>(null)
  const locale = i18n.language
  const mount = useCallback(
    (element: HTMLElement | null) => {
      if (!element) return undefined
      void setClock()
      const onFailed = (problem: unknown): void => void toast("warn", t("failed.more"), problemText(t, problem))
      const ask = askCandles(market.market)
      const texts = { locale, volumeLabel: t("legend.short.volume") }
      const engine = new ChartEngine(element, { market, look: chart.settings, ...texts, live, now: exchangeNow, ask, onFailed })
      const drawings = new Drawings(engine.chart, (all) => changeDrawings(market.market, all))
      setMade({ engine, drawings })
      return () => {
        setMade(null)
        drawings.close()
        engine.close()
      }
    },
    // What the chart shows is followed below: a new engine for it would lose where the person scrolled to.
    // oxlint-disable-next-line react/exhaustive-deps
    [market.market, locale],
  )
  useEffect(() => made?.engine.show(chart.settings), [made, chart.settings])
  useEffect(() => made?.drawings.show(chart.drawings), [made, chart.drawings])
  useIndicators(made?.engine.chart ?? null, chart.settings.indicators)
  return { mount, made }
}

export function useChartState(engine: ChartEngine): ChartState {
  return useSyncExternalStore(
    (changed) => engine.onState(changed),
    () => engine.state,
  )
}

export function useDrawingState(drawings: Drawings): DrawingState {
  return useSyncExternalStore(drawings.listen, () => drawings.state)
}
