/**
 * Brings one market's candles of one interval into the chart: pages of history as the person scrolls, the current candle
 * live, and after a lost connection or a hidden tab what was missed. Ends with `stop`; late answers are then dropped.
 */

import type { Candle, Event, Live } from "@cse/core"
import type { DataLoadMore, KLineData } from "klinecharts"
import { type Bar, barOf, between, gapless, MAX_BARS, merge, TRIM_BARS } from "./bars"
import { type Interval, lengthMs, opensAt } from "./intervals"

export interface Page {
  candles: readonly Candle[]
  next_cursor: string | null
}

/** Asks the API for candles with `fill=true`; `from` is in the page, `to` is not; at most PAGE, oldest first. */
export type AskPage = (wanted: { interval: Interval; from?: number; to?: number; limit: number }) => Promise<Page>

export interface FeedSettings {
  market: string
  interval: Interval
  /** Begin around this moment instead of now (Unix milliseconds). */
  around: number | null
  ask: AskPage
  live: Pick<Live, "use" | "value">
  /** The exchange's clock, Unix milliseconds. */
  now: () => number
  /** Whether the tab is seen: unseen, nothing is drawn, and what was missed is asked for when it is seen again. */
  tab: { hidden(): boolean; onChange(listener: () => void): () => void }
  /** The array that the chart shows; changed in place where the library has no call for it. */
  kept: () => Bar[]
  /** The first candle of an empty market came. */
  onFirst: () => void
  /** Too much was missed to be put behind what is shown. */
  onLost: () => void
  onFailed: (what: "older" | "newer" | "missed", why: unknown) => void
}

export type Give = (bars: Bar[], more?: DataLoadMore) => void

export const PAGE = 1_000
/** How long after an interval's end a candle without trades is made, ms: its trades may still be under way. */
const GRACE_MS = 1_500
/** The pace of live updates is the server's (at most one in 250 ms); this is for what time alone changes. */
const TICK_MS = 1_000

export class CandleFeed {
  readonly channel: string
  readonly #length: number
  #stopped = false
  #healing = false
  #stale = false
  #push: ((bar: KLineData) => void) | null = null
  #ends: (() => void)[] = []

  constructor(private readonly settings: FeedSettings) {
    this.channel = `candles.${settings.market}.${settings.interval}`
    this.#length = lengthMs(settings.interval)
  }

  stop(): void {
    this.#stopped = true
    this.#push = null
    for (const end of this.#ends) end()
    this.#ends = []
  }

  /** The first page: the newest candles, or those around a moment. Throws what the call throws. */
  async first(give: Give): Promise<void> {
    const { around, interval, ask } = this.settings
    const half = (PAGE / 2) * this.#length
    const page = await ask(around === null ? { interval, limit: PAGE } : { interval, to: around + half, limit: PAGE })
    if (this.#stopped) return
    const bars = this.#bars(page)
    give(bars, { forward: page.next_cursor !== null, backward: around !== null && !this.#reaches(bars) })
  }

  /** The page before `time`; nothing more once the chart is full. */
  async older(time: number, give: Give): Promise<void> {
    await this.#page("older", give, async () => {
      const { ask, interval } = this.settings
      const page = await ask({ interval, to: time, limit: PAGE })
      const full = this.settings.kept().length + page.candles.length >= MAX_BARS
      return { bars: this.#bars(page), more: { forward: page.next_cursor !== null && !full } }
    })
  }

  /** The page after `time`, where the chart began in the past; live from when it reaches now. */
  async newer(time: number, give: Give): Promise<void> {
    await this.#page("newer", give, async () => {
      const { ask, interval } = this.settings
      const page = await ask({ interval, from: time + this.#length, limit: PAGE })
      const bars = this.#bars(page)
      const full = this.settings.kept().length + bars.length >= MAX_BARS
      return { bars, more: { backward: !full && bars.length > 0 && !this.#reaches(bars) } }
    })
  }

  /** Follows the market: `push` takes the last bar again or the next one. Does nothing while the chart ends in the past. */
  follow(push: (bar: KLineData) => void): void {
    if (this.#stopped || this.#push || !this.#reaches(this.settings.kept())) return
    this.#push = push
    const { live, tab } = this.settings
    const timer = setInterval(() => this.#tick(), TICK_MS)
    this.#ends = [
      live.use(this.channel, (event) => this.#hear(event)),
      tab.onChange(() => this.#tick()),
      () => clearInterval(timer),
    ]
    const known = live.value(this.channel)
    if (Array.isArray(known)) this.#snapshot(known as Candle[])
  }

  get following(): boolean {
    return this.#push !== null
  }

  async #page(what: "older" | "newer", give: Give, bring: () => Promise<{ bars: Bar[]; more: DataLoadMore }>): Promise<void> {
    try {
      const { bars, more } = await bring()
      if (!this.#stopped) give(bars, more)
    } catch (refused) {
      if (this.#stopped) return
      this.settings.onFailed(what, refused)
      give([], { forward: what === "older", backward: what === "newer" }) // the next scroll asks again
    }
  }

  #bars(page: Page): Bar[] {
    return gapless(page.candles.map(barOf), this.#length)
  }

  #reaches(bars: readonly Bar[]): boolean {
    const last = bars.at(-1)
    const { interval, now } = this.settings
    return last === undefined || last.timestamp >= opensAt(interval, now()) - 2 * this.#length
  }

  #hear(event: Event): void {
    if (event.type !== "data") return
    const candles = (event.news.candles ?? []) as Candle[]
    if (this.settings.tab.hidden()) this.#stale = true
    else if (event.snapshot) this.#snapshot(candles)
    else if (!this.#healing) this.#apply(candles.map(barOf))
  }

  /** A snapshot joins what is kept, or the candles between are asked for. */
  #snapshot(candles: readonly Candle[]): void {
    const [last, first] = [this.settings.kept().at(-1), candles[0]]
    if (last && first && first.time > last.timestamp + this.#length) void this.#heal()
    else this.#apply(candles.map(barOf))
  }

  async #heal(): Promise<void> {
    const last = this.settings.kept().at(-1)
    if (this.#healing || !last) return
    this.#healing = true
    try {
      const page = await this.settings.ask({ interval: this.settings.interval, from: last.timestamp, limit: PAGE })
      this.#stale = false
      if (this.#stopped) return
      if (page.next_cursor !== null && page.candles.length >= PAGE) this.settings.onLost()
      else this.#apply(this.#bars(page))
    } catch (refused) {
      this.#stale = true
      if (!this.#stopped) this.settings.onFailed("missed", refused)
    } finally {
      this.#healing = false
    }
  }

  #apply(news: readonly Bar[]): void {
    const kept = this.settings.kept()
    const begins = kept.length === 0
    if (!this.#push) return
    const { changed, added } = merge(kept, news, this.#length)
    for (const { index, bar } of changed) kept[index] = bar
    if (kept.length + added.length > MAX_BARS) kept.splice(0, TRIM_BARS)
    const last = kept.at(-1)
    if (changed.length > 0 && last) this.#push(last)
    for (const bar of added) this.#push(bar)
    if (begins && added.length > 0) this.settings.onFirst()
  }

  /** Time alone ends a candle: while the channel is right, an interval without trades gets a flat bar. */
  #tick(): void {
    if (this.settings.tab.hidden() || this.#healing) return
    if (this.#stale) return void this.#heal()
    const last = this.settings.kept().at(-1)
    if (!last || this.settings.live.value(this.channel) === null) return
    const open = opensAt(this.settings.interval, this.settings.now() - GRACE_MS)
    if (open > last.timestamp) this.#apply(between(last, open + this.#length, this.#length))
  }
}
