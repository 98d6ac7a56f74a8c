import { expect, it, vi } from "vitest"

vi.mock("klinecharts", () => ({ registerIndicator: () => undefined }))

it("smooths candles as the formula says", async () => {
  const { heikinAshi } = await import("./heikin-ashi")
  const bars = [
    { open: 10, high: 14, low: 8, close: 12 },
    { open: 12, high: 13, low: 11, close: 12 },
    { open: 12, high: 12, low: 5, close: 7 },
  ]
  // By hand: close = (O+H+L+C)/4; open = middle of the smoothed bar before; high and low reach over both.
  expect(heikinAshi(bars)).toEqual([
    { open: 11, high: 14, low: 8, close: 11 },
    { open: 11, high: 13, low: 11, close: 12 },
    { open: 11.5, high: 12, low: 5, close: 9 },
  ])
})
