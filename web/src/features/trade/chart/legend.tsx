/** Open, high, low, close, volume and change of the candle under the crosshair, or of the newest; and the same for ears. */

import type { Market } from "@cse/core"
import { type RefObject, useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import type { ChartEngine } from "./engine/chart-engine"
import { type Reading, readingOf } from "./engine/reading"

const FIELDS = ["open", "high", "low", "close", "change", "volume"] as const
/** How often what is read out may change, ms. */
const SAY_MS = 5_000
const TONES = { up: "text-up", down: "text-down", flat: "text-muted" }

export interface LegendProps {
  engine: ChartEngine
  market: Market
  /** The element whose label sums the chart up. */
  said: RefObject<HTMLElement | null>
}

/** Written by hand with every frame that changed it: as React state it would cost a render for each. */
export function Legend({ engine, market, said }: LegendProps) {
  const { t, i18n } = useTranslation("chart")
  const root = useRef<HTMLDListElement>(null)
  const locale = i18n.language
  useEffect(() => {
    let pointed: number | null = null
    const point = (data: unknown): void => {
      const x = (data as { x?: number } | undefined)?.x
      const place = x === undefined ? null : engine.chart.convertFromPixel([{ x }], { paneId: "candle_pane" })
      pointed = (Array.isArray(place) ? place[0]?.dataIndex : null) ?? null
    }
    const leave = (): void => void (pointed = null)
    const paint = (): void => {
      const bars = engine.bars
      const index = Math.min(Math.max(0, pointed ?? bars.length - 1), bars.length - 1)
      const bar = bars[index]
      if (bar && root.current) write(root.current, readingOf(bar, bars[index - 1], market, locale))
    }
    const dom = engine.chart.getDom()
    engine.chart.subscribeAction("onCrosshairChange", point)
    dom?.addEventListener("mouseleave", leave)
    const end = engine.onPaint(paint)
    engine.repaint() // on a quiet market nothing else would, if the candles came first
    return () => {
      end()
      dom?.removeEventListener("mouseleave", leave)
      engine.chart.unsubscribeAction("onCrosshairChange", point)
    }
  }, [engine, market, locale])
  useEffect(() => {
    const say = (): void => {
      const [last, before] = [engine.bars.at(-1), engine.bars.at(-2)]
      if (last) said.current?.setAttribute("aria-label", t("summary", { market: market.market, ...readingOf(last, before, market, locale) }))
    }
    const timer = setInterval(say, SAY_MS)
    const end = engine.onState(say)
    say()
    return () => {
      clearInterval(timer)
      end()
    }
  }, [engine, market, locale, said, t])
  return (
    <dl ref={root} data-testid="chart-legend" className="num pointer-events-none absolute start-2 top-1.5 z-10 flex max-w-[calc(100%-4.5rem)] flex-wrap gap-x-3 text-11">
      {FIELDS.map((field) => (
        <div key={field} className="flex gap-1">
          <dt className="text-muted" title={t(`legend.${field}`)}>
            {t(`legend.short.${field}`)}
          </dt>
          <dd data-field={field} />
        </div>
      ))}
    </dl>
  )
}

function write(root: HTMLElement, reading: Reading): void {
  for (const field of FIELDS) {
    const place = root.querySelector<HTMLElement>(`[data-field=${field}]`)
    if (!place) continue
    if (place.textContent !== reading[field]) place.textContent = reading[field]
    const tone = field === "volume" ? "" : TONES[reading.direction]
    if (place.className !== tone) place.className = tone
  }
}
