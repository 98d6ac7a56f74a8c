import { describe, expect, it } from "vitest"
import { countdown } from "./countdown"
import { INTERVALS, isInterval, lengthMs, opensAt, periodOf } from "./intervals"

const NOON = Date.UTC(2026, 10, 22, 12, 34, 56) // a Sunday

describe("intervals", () => {
  it("opens candles on their own multiples, weeks on Monday", () => {
    expect(opensAt("1m", NOON)).toBe(Date.UTC(2026, 10, 22, 12, 34))
    expect(opensAt("4h", NOON)).toBe(Date.UTC(2026, 10, 22, 12))
    expect(opensAt("1d", NOON)).toBe(Date.UTC(2026, 10, 22))
    expect(opensAt("1w", NOON)).toBe(Date.UTC(2026, 10, 16))
  })

  it("are as long as the chart library thinks they are", () => {
    const units = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as Record<string, number>
    for (const interval of INTERVALS) {
      const { type, span } = periodOf(interval)
      expect(lengthMs(interval)).toBe(span * (units[type] ?? 0))
    }
    expect(INTERVALS).toHaveLength(13)
    expect(isInterval("7m")).toBe(false)
  })
})

describe("countdown", () => {
  it("says what is left, with days for long candles and nothing for seconds", () => {
    expect(countdown("1m", NOON)).toBe("00:04")
    expect(countdown("4h", NOON)).toBe("3:25:04")
    expect(countdown("1w", NOON)).toBe("11:25:04")
    expect(countdown("1w", NOON - 2 * 86_400_000)).toBe("2d 11:25")
    expect(countdown("1s", NOON)).toBe("")
  })
})
