import { ApiProblem } from "@cse/core"
import { describe, expect, it } from "vitest"
import { asksAgain, asksAgainAfter } from "@/app/data/asking"
import { axisLabels } from "./chart/axis"
import { bandsOf, placesOf } from "./chart/points"
import { firstBySize, sharePpm, sumOf } from "./money"
import { daysPeriod, monthPeriod, monthsUntil } from "./statements/period"
import { sumOfMovements } from "./statements/sum"
import { readCsv, sumsOf } from "./statements/tax"

const point = (time: number, value: string) => ({ time, value, net_deposits: "1", profit: "0" })

describe("the value axis", () => {
  it("tells marks apart however close they are", () => {
    expect(axisLabels("en")([32_835_500, 32_836_000, 32_836_500])).toEqual(["32.8355M", "32.8360M", "32.8365M"])
    expect(axisLabels("en")([0, 5_000_000, 10_000_000])).toEqual(["0", "5M", "10M"])
    expect(axisLabels("en")([10_000, 10_000.000005])).toEqual(["10,000.000000", "10,000.000005"])
  })

  it("has cents below a million, and none of the noise of floats", () => {
    expect(axisLabels("en")([-100, 0, 250.5])).toEqual(["-100.00", "0.00", "250.50"])
    expect(axisLabels("en")([0.1 + 0.2])).toEqual(["0.30"])
  })

  it("speaks the language, in Latin digits", () => {
    expect(axisLabels("de")([1_250_000])).toEqual(["1,25\u00a0Mio."])
    expect(axisLabels("ja")([32_835_500, 32_836_000])).toEqual(["3283.55万", "3283.60万"])
    expect(axisLabels("ar")([1_500])[0]).toContain("1,500.00")
  })
})

describe("money", () => {
  it("adds beyond what floats can hold, to the unit", () => {
    expect(sumOf(["9007199254740993.000001", "0.000001", "-1.5"])).toBe("9007199254740991.500002")
    expect(sumOf([])).toBe("0")
  })

  it("tells shares of something only", () => {
    expect(sharePpm("22.07", "2000.000000")).toBe(11_035)
    expect(sharePpm("-1", "3")).toBe(-333_333)
    expect(sharePpm("1", "0.000000")).toBeNull()
    expect(sharePpm("1", "-5")).toBeNull()
  })

  it("picks the largest whatever their sign and keeps their order", () => {
    const [shown, rest] = firstBySize(["3", "-0.1", "-9", "1"], (each) => each, 2)
    expect(shown).toEqual(["3", "-9"])
    expect(rest).toEqual(["-0.1", "1"])
  })
})

describe("points of the chart", () => {
  it("are one for a second, the newest, in rising order", () => {
    const places = placesOf([point(1_000, "1"), point(60_000, "2"), point(60_400, "3")], 3_600)
    expect(places.map(({ time, value }) => [time, value])).toEqual([
      [3_601, 1],
      [3_660, 3],
    ])
  })

  it("make bands that change where the lines cross", () => {
    const bands = bandsOf([
      { x: 0, value: 10, deposits: 20 },
      { x: 10, value: 30, deposits: 20 },
      { x: 20, value: 20, deposits: 20 },
    ])
    expect(bands.map(({ gain }) => gain)).toEqual([true, false])
    expect(bands[0]?.edges.at(-1)).toEqual({ x: 5, value: 20, deposits: 20 })
    expect(bands[1]?.edges).toHaveLength(3)
  })
})

describe("periods", () => {
  it("of months end where the next begins, over the year's end too", () => {
    expect(monthPeriod("2026-12")).toEqual({ from: Date.UTC(2026, 11, 1), to: Date.UTC(2027, 0, 1) })
    expect(monthsUntil(Date.UTC(2026, 0, 31, 23), 3)).toEqual(["2026-01", "2025-12", "2025-11"])
  })

  it("of days hold both, and are refused with the reason", () => {
    expect(daysPeriod("2026-02-01", "2026-02-01")).toEqual({ from: Date.UTC(2026, 1, 1), to: Date.UTC(2026, 1, 2) })
    expect(daysPeriod("", "2026-02-01")).toEqual({ refused: "missing" })
    expect(daysPeriod("2026-02-02", "2026-02-01")).toEqual({ refused: "backwards" })
    expect(daysPeriod("2024-01-01", "2024-12-31")).toHaveProperty("from")
    expect(daysPeriod("2024-01-01", "2025-01-01")).toEqual({ refused: "long" })
  })
})

describe("a statement's check", () => {
  const asset = { opening: "1.000000", closing: "0.900001", lines: [{ received: "5.000001", paid: "5.100000" }] }

  it("adds up to the unit or says that it does not", () => {
    expect(sumOfMovements(asset)).toEqual({ sum: "0.900001", exact: true })
    expect(sumOfMovements({ ...asset, closing: "0.900002" }).exact).toBe(false)
  })
})

describe("the tax report's file", () => {
  it("is read as RFC 4180 writes it", () => {
    expect(readCsv('a,"b ""x"", c",\r\n,"two\nlines",z\r\n')).toEqual([
      ["a", 'b "x", c', ""],
      ["", "two\nlines", "z"],
    ])
  })

  it("is added up by kind, whatever the order of the columns", () => {
    const file = "kind,gain,cost,proceeds\r\nsale,0.5,1.0,1.5\r\nwithdrawal,0,2,2\r\nsale,-0.25,1,0.75\r\n"
    expect(sumsOf(file)).toEqual([
      { kind: "sale", lines: 2, proceeds: "2.25", cost: "2.0", gain: "0.25" },
      { kind: "withdrawal", lines: 1, proceeds: "2", cost: "2", gain: "0" },
    ])
    expect(sumsOf("kind,gain,cost,proceeds\r\n")).toEqual([])
  })
})

describe("asking for a portfolio", () => {
  it("goes on while the server adds up, and gives up on what is refused", () => {
    const behind = new ApiProblem("portfolio_behind", "", 503, {}, null, true, 1)
    const large = new ApiProblem("portfolio_too_large", "", 409)
    const lost = new ApiProblem("offline", "", 0, {}, null, true)
    expect([asksAgain(100, behind), asksAgain(600, behind), asksAgain(0, large), asksAgain(2, lost), asksAgain(3, lost)]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ])
    expect([asksAgainAfter(5, behind), asksAgainAfter(1, lost)]).toEqual([1_000, 2_000])
  })
})
