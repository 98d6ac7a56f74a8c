/**
 * The chart of one market on a canvas, without React: what changes with every message stays here. Made by `open`, ended
 * by `close`; the panel around it is told by `onState` (what is shown) and `onPaint` (where prices stand).
 */

import { type Chart, dispose, init, type KLineData } from "klinecharts"
import { formatDecimal, type Live, type Market } from "@cse/core"
import type { Bar } from "./bars"
import { type AskPage, CandleFeed, type Give } from "./candle-feed"
import { type ChartState, kindOf } from "./chart-state"
import { countdown } from "./countdown"
import { drawHeikinAshi, HEIKIN_ASHI } from "./heikin-ashi"
import type { ChartSettings } from "../layouts/schema"
import { hookPaint, PAINT_HOOK, type Painted } from "./paint-hook"
import { lengthMs, periodOf } from "./intervals"
import { stylesOf } from "./styles"
import { TAB } from "./tab"
import { onTokens, readTokens } from "./tokens"
import { showVolume } from "./volume"

export interface EngineSettings {
  market: Market
  look: ChartSettings
  locale: string
  /** What the chart writes itself, in the person's language. */
  volumeLabel: string
  live: Pick<Live, "use" | "value">
  now: () => number
  ask: AskPage
  /** Further candles could not be loaded; what is shown stays, and scrolling asks again. */
  onFailed: (problem: unknown) => void
}

const BAR_SPACE_PX = 8
const RIGHT_SPACE_PX = 72
const PRICE_PANE = "candle_pane"

export class ChartEngine {
  readonly chart: Chart
  #look: ChartSettings
  #around: number | null = null
  #feed: CandleFeed | null = null
  #push: ((bar: KLineData) => void) | null = null
  #state: ChartState = { kind: "loading" }
  readonly #onState = new Set<() => void>()
  readonly #onPaint = new Set<(state: Painted) => void>()
  readonly #ends: (() => void)[] = []

  /** Puts a chart into `element`, which has a size of its own. */
  constructor(
    element: HTMLElement,
    private readonly settings: EngineSettings,
  ) {
    this.#look = settings.look
    const chart = init(element, this.#options())
    if (!chart) throw new Error("the chart library made no chart")
    this.chart = chart
    hookPaint(chart, (state) => this.#painted(state))
    this.#ends.push(onTokens(() => this.#restyle()))
    this.#load()
    this.#applyScale()
    this.#applyType()
    showVolume(chart, this.#look.volume, settings.volumeLabel)
    const dom = chart.getDom()
    if (dom) dom.tabIndex = -1 // the library says 1, which would put it before the whole page
  }

  /** Ends everything; the element is as it was. */
  close(): void {
    this.#feed?.stop()
    for (const end of this.#ends) end()
    this.#onState.clear()
    this.#onPaint.clear()
    dispose(this.chart)
  }

  get state(): ChartState {
    return this.#state
  }

  get bars(): readonly Bar[] {
    return this.chart.getDataList() as Bar[]
  }

  /** Draws again, for what stands over the canvas to be placed. */
  repaint(): void {
    this.chart.overrideOverlay({ id: PAINT_HOOK, extendData: (state: Painted) => this.#painted(state) })
  }

  #painted(state: Painted): void {
    for (const listener of this.#onPaint) listener(state)
  }

  onState(listener: () => void): () => void {
    this.#onState.add(listener)
    return () => void this.#onState.delete(listener)
  }

  onPaint(listener: (state: Painted) => void): () => void {
    this.#onPaint.add(listener)
    return () => void this.#onPaint.delete(listener)
  }

  show(look: ChartSettings): void {
    const before = this.#look
    this.#look = look
    if (look.zone !== before.zone) this.chart.setTimezone(zoneName(look))
    if (look.scale !== before.scale) this.#applyScale()
    if (look.type !== before.type) {
      this.#restyle()
      this.#applyType()
    }
    if (look.volume !== before.volume) showVolume(this.chart, look.volume, this.settings.volumeLabel)
    if (look.interval !== before.interval) this.reload(null)
  }

  /** Shows a moment (Unix milliseconds), loading what is around it where that is not there. */
  goTo(timeMs: number): void {
    const [first, last] = [this.bars[0], this.bars.at(-1)]
    if (first && last && timeMs >= first.timestamp && timeMs <= last.timestamp) this.#center(timeMs)
    else this.reload(timeMs)
  }

  /** The library scrolls a moment to the right end; half of what is in sight after it brings it to the middle. */
  #center(timeMs: number): void {
    const { from, to } = this.chart.getVisibleRange()
    this.chart.scrollToTimestamp(timeMs + ((to - from) / 2) * lengthMs(this.#look.interval))
  }

  /** Back to the newest candles at the first zoom. */
  reset(): void {
    this.chart.setBarSpace(BAR_SPACE_PX)
    if (this.inPast) this.reload(null)
    else this.chart.setOffsetRightDistance(RIGHT_SPACE_PX)
    this.#applyScale() // the price axis fits by itself again
  }

  /** Whether the chart was taken to a date and does not reach now. */
  get inPast(): boolean {
    return this.#state.kind === "past" || this.#state.kind === "before"
  }

  /** Whether the newest candle is in sight. */
  get atEnd(): boolean {
    return !this.inPast && this.chart.getVisibleRange().to >= this.bars.length
  }

  /** Loads anew: the newest candles, or those around a moment (Unix milliseconds). */
  reload(around: number | null): void {
    this.#around = around
    this.#tell({ kind: "loading" })
    this.chart.setPeriod(periodOf(this.#look.interval))
  }

  #load(): void {
    const { market } = this.settings
    this.chart.setPeriod(periodOf(this.#look.interval))
    this.chart.setSymbol({
      ticker: market.market,
      pricePrecision: market.price_decimals,
      volumePrecision: market.quantity_decimals,
    })
    this.chart.setDataLoader({
      getBars: ({ type, timestamp, callback }) => {
        if (type === "init") return this.#first(callback)
        if (timestamp === null) return undefined
        return type === "forward" ? this.#feed?.older(timestamp, callback) : this.#newer(timestamp, callback)
      },
      subscribeBar: ({ callback }) => {
        this.#push = callback
        this.#follow()
      },
      unsubscribeBar: () => this.#feed?.stop(),
    })
  }

  async #newer(timestamp: number, give: Give): Promise<void> {
    await this.#feed?.newer(timestamp, give)
    this.#follow()
  }

  #follow(): void {
    const feed = this.#feed
    if (this.#push && (this.#around === null || this.bars.length > 0)) feed?.follow(this.#push)
    const kind = kindOf(this.bars.length, this.#around, feed?.following ?? false)
    if (kind === "past" && this.#state.kind === "loading" && this.#around !== null) this.#center(this.#around)
    if (kind !== this.#state.kind) this.#tell({ kind })
    this.#restyle()
  }

  async #first(give: Give): Promise<void> {
    this.#feed?.stop()
    const feed = this.#makeFeed()
    this.#feed = feed
    try {
      await feed.first(give)
    } catch (problem) {
      if (this.#feed === feed) this.#tell({ kind: "failed", problem })
    }
  }

  #makeFeed(): CandleFeed {
    const { market, ask, live, now } = this.settings
    return new CandleFeed({
      market: market.market,
      interval: this.#look.interval,
      around: this.#around,
      ask,
      live,
      now,
      tab: TAB,
      kept: () => this.chart.getDataList() as Bar[],
      onLost: () => this.reload(null),
      onFailed: (_what, problem) => this.settings.onFailed(problem),
      onFirst: () => this.#follow(),
    })
  }

  #options(): Parameters<typeof init>[1] {
    const { locale } = this.settings
    return {
      styles: stylesOf(readTokens(), this.#look.type),
      timezone: zoneName(this.#look),
      thousandsSeparator: { format: (value) => formatDecimal(String(value), locale) },
      decimalFold: { format: String },
      formatter: { formatExtendText: () => countdown(this.#look.interval, this.settings.now()) },
    }
  }

  /** Colours of now; the last price is marked only where the chart reaches now. */
  #restyle(): void {
    const styles = stylesOf(readTokens(), this.#look.type)
    this.chart.setStyles({ ...styles, candle: { ...styles.candle, ...shownMark(styles, !this.inPast) } })
  }

  #applyScale(): void {
    this.chart.overrideYAxis({ paneId: PRICE_PANE, name: this.#look.scale })
  }

  #applyType(): void {
    if (this.#look.type === "heikin_ashi") drawHeikinAshi(this.chart)
    else this.chart.removeIndicator({ name: HEIKIN_ASHI })
  }

  #tell(state: ChartState): void {
    this.#state = state
    this.#onState.forEach((listener) => listener())
  }
}

function shownMark(styles: ReturnType<typeof stylesOf>, show: boolean): Pick<NonNullable<typeof styles.candle>, "priceMark"> {
  return { priceMark: { ...styles.candle?.priceMark, last: { ...styles.candle?.priceMark?.last, show } } }
}

function zoneName(look: ChartSettings): string {
  return look.zone === "utc" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone
}
