import type { Candle, Event } from "@cse/core"
import type { KLineData } from "klinecharts"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type Bar, MAX_BARS, TRIM_BARS } from "./bars"
import { CandleFeed, type FeedSettings, type Page } from "./candle-feed"

const MINUTE = 60_000

function candle(minute: number, close: string): Candle {
  return { time: minute * MINUTE, open: close, high: close, low: close, close, volume: "1.00", quote_volume: "1.000000", trades: 1 }
}

/** A chart's array, an exchange that answers pages, and a stream that says what a test wants. */
class Bench {
  kept: Bar[] = []
  asked: unknown[] = []
  answer: (wanted: { from?: number; to?: number }) => Page = () => ({ candles: [], next_cursor: null })
  nowMs = 100 * MINUTE + 1_000
  hidden = false
  lost = 0
  failed: string[] = []
  live = true
  #listener: ((event: Event) => void) | null = null
  #seen: (() => void) | null = null
  readonly feed: CandleFeed

  constructor(more: Partial<FeedSettings> = {}) {
    this.feed = new CandleFeed({
      market: "NOVA-USDC",
      interval: "1m",
      around: null,
      ask: async (wanted) => {
        this.asked.push(wanted)
        return this.answer(wanted)
      },
      live: {
        use: (_channel, listener) => {
          this.#listener = listener
          return () => void (this.#listener = null)
        },
        value: () => (this.live ? [] : null),
      },
      now: () => this.nowMs,
      tab: { hidden: () => this.hidden, onChange: (listener) => ((this.#seen = listener), () => void (this.#seen = null)) },
      kept: () => this.kept,
      onFirst: () => undefined,
      onLost: () => void (this.lost += 1),
      onFailed: (what) => void this.failed.push(what),
      ...more,
    })
  }

  /** As the library does with the last bar or the next. */
  follow(): void {
    this.feed.follow((bar: KLineData) => {
      const last = this.kept.at(-1)
      if (last && last.timestamp === bar.timestamp) this.kept[this.kept.length - 1] = bar as Bar
      else this.kept.push(bar as Bar)
    })
  }

  async begin(): Promise<void> {
    await this.feed.first((bars) => void (this.kept = bars))
    this.follow()
  }

  say(candles: Candle[], snapshot = false): void {
    this.#listener?.({ type: "data", channel: this.feed.channel, sequence: 1, snapshot, news: { candles } })
  }

  see(): void {
    this.hidden = false
    this.#seen?.()
  }

  get minutes(): number[] {
    return this.kept.map(({ timestamp }) => timestamp / MINUTE)
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function benchAt98to100(): Promise<Bench> {
  const bench = new Bench()
  bench.answer = () => ({ candles: [candle(98, "1"), candle(99, "2"), candle(100, "3")], next_cursor: "more" })
  await bench.begin()
  return bench
}

describe("live", () => {
  it("replaces the current candle, adds the next, fills what did not trade", async () => {
    const bench = await benchAt98to100()
    bench.say([candle(100, "4")])
    bench.say([candle(103, "5")])
    expect(bench.minutes).toEqual([98, 99, 100, 101, 102, 103])
    expect(bench.kept.map(({ close }) => close)).toEqual([1, 2, 4, 4, 4, 5])
  })

  it("corrects the candle before after time began the next one", async () => {
    const bench = await benchAt98to100()
    bench.nowMs = 101 * MINUTE + 2_000
    vi.advanceTimersByTime(1_000)
    expect(bench.minutes).toEqual([98, 99, 100, 101])
    bench.say([candle(100, "9"), candle(101, "8")])
    expect(bench.kept.map(({ close }) => close)).toEqual([1, 2, 9, 8])
  })

  it("invents nothing while the channel is not right", async () => {
    const bench = await benchAt98to100()
    bench.live = false
    bench.nowMs = 105 * MINUTE
    vi.advanceTimersByTime(5_000)
    expect(bench.minutes).toEqual([98, 99, 100])
  })

  it("keeps no more than the limit", async () => {
    const bench = new Bench()
    bench.nowMs = MAX_BARS * MINUTE
    bench.kept = Array.from({ length: MAX_BARS }, (_, minute) => ({ timestamp: (minute + 1) * MINUTE, open: 1, high: 1, low: 1, close: 1, volume: 0, turnover: 0 }))
    bench.follow()
    bench.say([candle(MAX_BARS + 1, "2")])
    expect(bench.kept).toHaveLength(MAX_BARS - TRIM_BARS + 1)
    expect(bench.minutes.at(-1)).toBe(MAX_BARS + 1)
  })
})

describe("healing", () => {
  it("joins a snapshot that overlaps without asking", async () => {
    const bench = await benchAt98to100()
    bench.say([candle(99, "2"), candle(100, "7"), candle(101, "8")], true)
    expect(bench.minutes).toEqual([98, 99, 100, 101])
    expect(bench.asked).toHaveLength(1)
  })

  it("asks for what lies between after a long break", async () => {
    const bench = await benchAt98to100()
    bench.answer = () => ({ candles: [candle(100, "4"), candle(101, "5"), candle(300, "6")], next_cursor: null })
    bench.say([candle(250, "5"), candle(300, "6")], true)
    await vi.waitFor(() => expect(bench.minutes.at(-1)).toBe(300))
    expect(bench.asked[1]).toMatchObject({ from: 100 * MINUTE })
    expect(bench.minutes).toHaveLength(300 - 98 + 1)
  })

  it("begins anew when more was missed than a page holds", async () => {
    const bench = await benchAt98to100()
    bench.answer = () => ({ candles: Array.from({ length: 1_000 }, (_, index) => candle(100 + index, "1")), next_cursor: "more" })
    bench.say([candle(5_000, "5")], true)
    await vi.waitFor(() => expect(bench.lost).toBe(1))
  })

  it("draws nothing while unseen and asks once it is seen again", async () => {
    const bench = await benchAt98to100()
    bench.hidden = true
    bench.say([candle(101, "5")])
    expect(bench.minutes).toEqual([98, 99, 100])
    bench.answer = () => ({ candles: [candle(100, "3"), candle(101, "5")], next_cursor: null })
    bench.see()
    await vi.waitFor(() => expect(bench.minutes).toEqual([98, 99, 100, 101]))
  })

  it("asks again later when the answer did not come", async () => {
    const bench = await benchAt98to100()
    bench.answer = () => {
      throw new Error("offline")
    }
    bench.say([candle(300, "5")], true)
    await vi.waitFor(() => expect(bench.failed).toEqual(["missed"]))
    bench.answer = () => ({ candles: [candle(100, "3"), candle(101, "5")], next_cursor: null })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(bench.minutes).toEqual([98, 99, 100, 101])
  })
})

describe("pages", () => {
  it("brings what lies before, until there is nothing", async () => {
    const bench = await benchAt98to100()
    bench.answer = () => ({ candles: [candle(95, "1"), candle(97, "2")], next_cursor: null })
    const given = vi.fn()
    await bench.feed.older(98 * MINUTE, given)
    expect(bench.asked[1]).toMatchObject({ to: 98 * MINUTE })
    expect(given.mock.calls[0]?.[0]).toHaveLength(3)
    expect(given.mock.calls[0]?.[1]).toEqual({ forward: false })
  })

  it("brings no more than the chart keeps", async () => {
    const bench = await benchAt98to100()
    bench.kept = Array.from({ length: MAX_BARS - 1 }, () => bench.kept[0] as Bar)
    bench.answer = () => ({ candles: [candle(97, "2")], next_cursor: "more" })
    const given = vi.fn()
    await bench.feed.older(98 * MINUTE, given)
    expect(given.mock.calls[0]?.[1]).toEqual({ forward: false })
  })

  it("goes on forward from a date until it reaches now, and only then follows", async () => {
    const bench = new Bench({ around: 50 * MINUTE })
    bench.answer = () => ({ candles: [candle(50, "1"), candle(51, "1")], next_cursor: null })
    await bench.begin()
    expect(bench.feed.following).toBe(false)
    bench.answer = () => ({ candles: [candle(52, "1"), candle(100, "1")], next_cursor: null })
    await bench.feed.newer(51 * MINUTE, (bars) => bench.kept.push(...bars))
    bench.follow()
    expect(bench.asked[1]).toMatchObject({ from: 52 * MINUTE })
    expect(bench.feed.following).toBe(true)
  })

  it("drops an answer that comes after its end", async () => {
    const bench = new Bench()
    const given = vi.fn()
    const asked = bench.feed.first(given)
    bench.feed.stop()
    await asked
    expect(given).not.toHaveBeenCalled()
  })
})
