/** The chart of a market and what stands around it. Read from left to right in every language. */

import type { Market } from "@cse/core"
import { useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { toast } from "@/components/toasts"
import { ChartCover } from "./chart-cover"
import { ChartKeys } from "./chart-keys"
import { DrawingBar } from "./drawing/drawing-bar"
import { DrawingStyle } from "./drawing/drawing-style"
import { Fills } from "./fills/fills"
import { chartOf, useChartFile } from "./layouts/store"
import { Legend } from "./legend"
import { OrderLines } from "./orders/order-lines"
import { ToLatest } from "./to-latest"
import { Toolbar } from "./toolbar/toolbar"
import { useEngine } from "./use-engine"
import { useFullScreen } from "./use-full-screen"

export default function Chart({ market }: { market: Market }) {
  const { t } = useTranslation("chart")
  const root = useRef<HTMLElement>(null)
  const picture = useRef<HTMLDivElement>(null)
  const file = useChartFile((state) => state.file)
  const chart = chartOf(file, market.market)
  const { mount, made } = useEngine(market, chart)
  const { full, toggle } = useFullScreen()
  useTellOfStorage()
  return (
    <section
      ref={root}
      aria-label={t("title", { market: market.market })}
      dir="ltr"
      className={cx("@container flex min-h-0 flex-col bg-surface", full ? "fixed inset-0 z-30" : "size-full")}
    >
      <div className="h-9">{made && <Toolbar made={made} market={market.market} chart={chart} full={full} onFull={toggle} />}</div>
      <div className="flex min-h-0 flex-1">
        {made && <ChartKeys root={root} drawings={made.drawings} />}
        {made && <DrawingBar drawings={made.drawings} />}
        <div className="relative min-w-0 flex-1 overflow-hidden">
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- Shift and arrow keys scroll the chart */}
          <div ref={picture} role="img" tabIndex={0} aria-label={t("title", { market: market.market })} className="absolute inset-0 focus-visible:-outline-offset-2">
            <div ref={mount} className="size-full" />
          </div>
          {made && (
            <>
              <Legend engine={made.engine} market={market} said={picture} />
              <OrderLines engine={made.engine} market={market} />
              <Fills engine={made.engine} market={market} interval={chart.settings.interval} />
              <ChartCover engine={made.engine} />
              <DrawingStyle drawings={made.drawings} />
              <ToLatest engine={made.engine} />
            </>
          )}
        </div>
      </div>
    </section>
  )
}

/** Says once when what was kept could not be read, and when nothing more can be kept. */
function useTellOfStorage(): void {
  const { t } = useTranslation("chart")
  const refused = useChartFile((state) => state.refused)
  const unkept = useChartFile((state) => state.unkept)
  useEffect(() => {
    if (refused === null) return
    toast("warn", t("kept.refused"), refused)
    useChartFile.setState({ refused: null })
  }, [refused, t])
  useEffect(() => {
    if (unkept) toast("warn", t("kept.full"))
  }, [unkept, t])
}
