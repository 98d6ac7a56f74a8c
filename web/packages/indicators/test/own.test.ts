/** Our own indicators on candles that one can compute by hand. */

import { describe, expect, it } from "vitest"
import { indicator, type Parameters, type Series } from "../src/index.ts"

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MONDAY = Date.UTC(2026, 10, 23)

type Candle = readonly [high: number, low: number, close: number, volume?: number]

function series(candles: readonly Candle[], stepMs = DAY_MS): Series {
  const column = (index: 0 | 1 | 2 | 3) => Float64Array.from(candles, (candle) => candle[index] ?? 1)
  return {
    time: Float64Array.from(candles, (_, i) => MONDAY + i * stepMs),
    open: column(2),
    high: column(0),
    low: column(1),
    close: column(2),
    volume: column(3),
  }
}

/** Candles that are their close alone. */
const flat = (...closes: readonly number[]): Series => series(closes.map((close) => [close, close, close]))

function values(name: string, of: Series, parameters: Parameters = {}, key = "value"): number[] {
  return Array.from(indicator(name)?.compute(of, parameters)[key] ?? [])
}

const _ = Number.NaN
const near = (found: readonly number[], wanted: readonly number[], digits = 9): void => {
  expect(found.length).toBe(wanted.length)
  for (const [index, value] of wanted.entries()) {
    if (Number.isNaN(value)) expect(found[index]).toBeNaN()
    else expect(found[index]).toBeCloseTo(value, digits)
  }
}

describe("over the prices", () => {
  it("ichimoku takes middles, and draws the cloud later and the closes earlier", () => {
    const candles = series([[2, 0, 1], [4, 2, 3], [6, 4, 5], [8, 6, 7]])
    const small = { conversion_period: 1, base_period: 2, span_period: 3, displacement: 1 }
    near(values("ichimoku", candles, small, "conversion"), [1, 3, 5, 7])
    near(values("ichimoku", candles, small, "base"), [_, 2, 4, 6])
    near(values("ichimoku", candles, small, "span_a"), [_, _, 2.5, 4.5])
    near(values("ichimoku", candles, small, "span_b"), [_, _, _, 3])
    near(values("ichimoku", candles, small, "lagging"), [3, 5, 7, _])
  })

  it("alligator moves Wilder's averages to later candles", () => {
    near(values("alligator", flat(1, 3, 5, 7), { lips_period: 2, lips_shift: 1 }, "lips"), [_, _, 2, 3.5])
  })

  it("envelope adds and takes away percents", () => {
    const found = { period: 2, percent: 10 }
    near(values("envelope", flat(10, 30), found, "upperband"), [_, 22])
    near(values("envelope", flat(10, 30), found, "lowerband"), [_, 18])
  })

  it("alma weighs the newest most", () => {
    // weights exp(-(k - 0.85)^2 / (2 (2/6)^2)) for k = 0 and 1: e^-3.25125 and e^-0.10125
    const old = Math.exp(-3.25125)
    const young = Math.exp(-0.10125)
    near(values("alma", flat(1, 2), { period: 2 }), [_, (old + 2 * young) / (old + young)])
  })

  it("mcginley steps towards the price, the more slowly the further above it is", () => {
    // 10 + 1 / (0.6 * 10 * 1.1^4)
    near(values("mcginley", flat(10, 11), { period: 10 }), [10, 10 + 1 / (6 * 1.4641)])
  })

  it("chandelier keeps true ranges away from the extremes", () => {
    const candles = series([[2, 1, 2], [4, 2, 3], [5, 3, 5]])
    // true ranges 2 and 2, their mean 2
    near(values("chandelier", candles, { period: 2, multiplier: 1 }, "long_stop"), [_, _, 3])
    near(values("chandelier", candles, { period: 2, multiplier: 1 }, "short_stop"), [_, _, 4])
  })

  it("vidya follows a straight way with the whole weight and stays where the way leads nowhere", () => {
    near(values("vidya", flat(1, 2, 3), { period: 3, momentum_period: 1 }), [_, 2, 2.5])
    near(values("vidya", flat(1, 2, 1, 2), { period: 3, momentum_period: 2 }), [_, _, 1, 1])
  })

  it("ribbon is six exponential averages", () => {
    near(values("ribbon", flat(2, 4, 6), { period: 1, step_period: 1 }, "second"), [_, 3, 5])
  })

  it("zigzag joins the turns and follows the newest extreme", () => {
    near(values("zigzag", flat(10, 12, 14, 12, 10, 11, 12), { percent: 15 }), [10, 12, 14, 12, 10, 11, 12])
    near(values("zigzag", flat(10, 11, 10.5), { percent: 50 }), [_, _, _])
  })
})

describe("of sessions", () => {
  const candles = series([[3, 1, 2, 1], [6, 2, 4, 3], [9, 9, 9, 1]], 12 * HOUR_MS)

  it("vwap begins anew with the day, and its bands are weighted deviations", () => {
    near(values("vwap_session", candles, {}, "vwap"), [2, 3.5, 9])
    // (1 * 1.5^2 + 3 * 0.5^2) / 4 = 0.75
    near(values("vwap_session", candles, {}, "upperband"), [2, 3.5 + Math.sqrt(0.75), 9])
    near(values("vwap_session", candles, { session: "week" }, "vwap"), [2, 3.5, 4.6])
  })

  it("weeks begin on Monday, months on their first day", () => {
    const sunday = series(Array.from({ length: 9 }, (_each, i): Candle => [i, i, i]))
    near(values("vwap_session", sunday, { session: "week" }, "vwap"), [0, 0.5, 1, 1.5, 2, 2.5, 3, 7, 7.5])
    // 2026-12-01 is the ninth day from 2026-11-23
    near(values("vwap_session", sunday, { session: "month" }, "vwap"), [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 8])
  })

  it("anchored vwap has no value before its anchor", () => {
    near(values("vwap_anchored", candles, { anchor: MONDAY + 12 * HOUR_MS }, "vwap"), [_, 4, 5.25])
    near(values("vwap_anchored", candles, { anchor: MONDAY + 9 * DAY_MS }, "vwap"), [_, _, _])
  })

  it("pivots are made of the finished session", () => {
    const days = series([[12, 6, 9], [20, 10, 15]])
    const level = (key: string, kind = "classic") => values("pivots", days, { kind }, key)[1]
    expect(["r3", "r2", "r1", "pivot", "s1", "s2", "s3"].map((key) => level(key))).toEqual([18, 15, 12, 9, 6, 3, 0])
    expect(level("r1", "fibonacci")).toBeCloseTo(9 + 0.382 * 6, 12)
    expect(level("pivot", "woodie")).toBe(9)
    expect(values("pivots", days, {}, "pivot")[0]).toBeNaN()
  })
})

describe("oscillators", () => {
  it("fisher stretches where the price is", () => {
    const value = 0.33 // 0.66 * (1 - 0.5)
    const first = 0.5 * Math.log((1 + value) / (1 - value))
    const next = 0.33 + 0.67 * value
    const second = 0.5 * Math.log((1 + next) / (1 - next)) + 0.5 * first
    near(values("fisher", flat(1, 2, 3), { period: 2 }, "fisher"), [_, _, second])
    near(values("fisher", flat(1, 2, 3), { period: 2 }, "signal"), [_, _, first])
  })

  it("kst of a price that grows evenly is the weighted sum of its rates", () => {
    const growth = 1.01
    const rate = (length: number) => 100 * (growth ** length - 1)
    const prices = flat(...Array.from({ length: 60 }, (_each, i) => growth ** i))
    const wanted = rate(10) + 2 * rate(15) + 3 * rate(20) + 4 * rate(30)
    expect(values("kst", prices, {}, "kst").at(-1)).toBeCloseTo(wanted, 8)
    expect(values("kst", prices, {}, "signal").at(-1)).toBeCloseTo(wanted, 8)
  })

  it("stc is in the middle when nothing moves", () => {
    const small = { fast_period: 2, slow_period: 3, period: 2 }
    expect(values("stc", flat(5, 5, 5, 5, 5), small).at(-1)).toBe(50)
  })

  it("crsi is the mean of its three parts", () => {
    // RSI(2) of 1 2 3 2: 50 then Wilder's (1*1+0)/2 against 1/2; streaks 0 1 2 -1: rises 1, 1 then a fall of 3;
    // changes 100, 50, -33 %: none of the two before is below the last
    const [own, streak] = [50, (100 * 0.5) / (0.5 + 1.5)]
    const small = { period: 2, streak_period: 2, rank_period: 2 }
    near(values("crsi", flat(1, 2, 3, 2), small), [_, _, _, (own + streak + 0) / 3])
  })

  it("wavetrend measures distance from the average in mean distances", () => {
    const small = { channel_period: 2, average_period: 1, signal_period: 1 }
    // averages 2, 4 + 1/3 ; distances 1 then |5 - 4| = 1: 1 / 0.015
    near(values("wavetrend", flat(1, 3, 5), small, "wavetrend"), [_, _, 1 / 0.015])
  })

  it("psy counts rises, bias measures from the average, rmi weighs rises against falls", () => {
    near(values("psy", flat(1, 2, 1, 2, 3), { period: 4 }), [_, _, _, _, 75])
    near(values("bias", flat(1, 3), { period: 2 }), [_, 50])
    // over two candles: +1, +3, -2
    near(values("rmi", flat(1, 2, 2, 5, 0), { period: 3, lag: 2 }), [_, _, _, _, (100 * 4) / 6])
  })
})

describe("volatility and volume", () => {
  it("%B, bandwidth and z-score tell of the same bands", () => {
    // mean 2, deviation 1
    near(values("bbp", flat(1, 3), { period: 2 }), [_, 0.75])
    near(values("bbw", flat(1, 3), { period: 2 }), [_, 200])
    near(values("zscore", flat(1, 3), { period: 2 }), [_, 1])
  })

  it("chop is 0 for a straight way and grows when the price goes to and fro", () => {
    const straight = series([[1, 1, 1], [2, 2, 2], [3, 3, 3]])
    // way 2, reach of the last two candles 1
    near(values("chop", straight, { period: 2 }), [_, _, 100])
    const wide = series([[2, 0, 1], [4, 0, 2], [4, 0, 2]])
    near(values("chop", wide, { period: 2 }), [_, _, 100])
    const once = series([[1, 1, 1], [2, 1, 2], [3, 2, 3], [4, 3, 4]])
    near(values("chop", once, { period: 3 }), [_, _, _, 0])
  })

  it("hv is the deviation of returns of a year", () => {
    const grown = flat(1, Math.E, 1)
    // returns 1 and -1: sample deviation sqrt 2
    near(values("hv", grown, { period: 2, candles_per_year: 100 }), [_, _, 1000 * Math.SQRT2])
  })

  it("ulcer is the root of mean squared falls", () => {
    near(values("ulcer", flat(10, 9, 10), { period: 2 }), [_, _, Math.sqrt(50)])
  })

  it("volume has its average beside it", () => {
    const traded = series([[1, 1, 1, 4], [1, 1, 1, 8]])
    near(values("volume", traded, { period: 2 }, "volume"), [4, 8])
    near(values("volume", traded, { period: 2 }, "average"), [_, 6])
  })

  it("eom is movement times range per volume", () => {
    const moved = series([[2, 0, 1, 1], [4, 2, 3, 5]])
    near(values("eom", moved, { period: 1, divisor: 10 }), [_, 8])
  })

  it("kvo signs volume by the trend", () => {
    const up = series([[2, 1, 2, 1], [3, 2, 3, 10], [4, 3, 4, 10], [5, 4, 5, 10]])
    // force: ranges 1 of 2, 3, 4: 10 * |2 (1/2 - 1)| * 100 = 1000, then 4000/3 and 1500; averages of 2 and 3
    const [a, b, c] = [1000, 4000 / 3, 1500]
    const fast = (a + b) / 2
    const wanted = fast + (c - fast) * (2 / 3) - (a + b + c) / 3
    const small = { fast_period: 2, slow_period: 3, signal_period: 1 }
    near(values("kvo", up, small, "kvo"), [_, _, _, wanted])
  })
})
