import { describe, expect, it } from "vitest"
import { type Bar, barOf, between, gapless, merge } from "./bars"

const MINUTE = 60_000

function bar(minute: number, close: number, volume = 1): Bar {
  return { timestamp: minute * MINUTE, open: close, high: close, low: close, close, volume, turnover: volume * close }
}

const times = (bars: readonly Bar[]): number[] => bars.map(({ timestamp }) => timestamp / MINUTE)

describe("gapless", () => {
  it("fills intervals without trades with the close before and no volume", () => {
    const filled = gapless([bar(1, 10), bar(4, 12)], MINUTE)
    expect(times(filled)).toEqual([1, 2, 3, 4])
    expect(filled[2]).toMatchObject({ open: 10, high: 10, low: 10, close: 10, volume: 0, turnover: 0 })
  })

  it("refuses bars that come twice", () => {
    expect(() => gapless([bar(1, 10), bar(1, 11)], MINUTE)).toThrow(RangeError)
  })

  it("makes none between neighbours", () => {
    expect(between(bar(1, 10), 2 * MINUTE, MINUTE)).toEqual([])
  })
})

describe("merge", () => {
  const kept = [bar(1, 10), bar(2, 11), bar(3, 12)]

  it("puts news in the place of the bar of their time, also of one that is not the last", () => {
    const { changed, added } = merge(kept, [bar(2, 20), bar(3, 30)], MINUTE)
    expect(changed.map(({ index, bar: { close } }) => [index, close])).toEqual([[1, 20], [2, 30]])
    expect(added).toEqual([])
  })

  it("adds later bars and fills up to them from the newest word on the last", () => {
    const { changed, added } = merge(kept, [bar(3, 13), bar(5, 15)], MINUTE)
    expect(changed).toHaveLength(1)
    expect(times(added)).toEqual([4, 5])
    expect(added[0]).toMatchObject({ close: 13, volume: 0 })
  })

  it("lets news from before the first bar go by", () => {
    expect(merge(kept, [bar(0, 9)], MINUTE)).toEqual({ changed: [], added: [] })
  })

  it("begins an empty chart", () => {
    expect(times(merge([], [bar(7, 1), bar(9, 2)], MINUTE).added)).toEqual([7, 8, 9])
  })
})

it("reads the API's decimals", () => {
  const candle = { time: 60_000, open: "1.2000", high: "1.3000", low: "1.1000", close: "1.2500", volume: "3.00", quote_volume: "3.700000", trades: 2 }
  expect(barOf(candle)).toEqual({ timestamp: 60_000, open: 1.2, high: 1.3, low: 1.1, close: 1.25, volume: 3, turnover: 3.7 })
})
