/** What an indicator is: its name, what it asks for, what it gives, and how it is computed. */

/**
 * Candles as columns of equal length, oldest first, one entry per candle, none missing between two.
 * Prices are quote per base, volumes are in base, `time` is when a candle opens (Unix milliseconds).
 */
export interface Series {
  readonly time: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

export type Column = "open" | "high" | "low" | "close" | "volume"

export const GROUPS = [
  "overlap",
  "momentum",
  "volume",
  "volatility",
  "price_transform",
  "cycle",
  "statistic",
  "pattern",
] as const
/** The server's groups (`GET /api/indicators`). */
export type Group = (typeof GROUPS)[number]

/** A number with a range, both ends in it. `step` is what a spinner adds; `int` takes whole numbers only. */
export interface NumberParameter {
  readonly key: string
  readonly kind: "int" | "real"
  readonly default: number
  readonly min: number
  readonly max: number
  readonly step: number
}

/** One of several words; `ma`: the words are moving averages. */
export interface ChoiceParameter {
  readonly key: string
  readonly kind: "ma" | "choice"
  readonly default: string
  readonly choices: readonly string[]
}

/** A moment in Unix milliseconds; 0 is the first candle. */
export interface TimeParameter {
  readonly key: string
  readonly kind: "time"
  readonly default: number
}

export type Parameter = NumberParameter | ChoiceParameter | TimeParameter
/** Values by parameter key; what is left out has its default. */
export type Parameters = Readonly<Record<string, number | string>>

/**
 * How a chart shows an output. `signal`: whole numbers, above 0 bullish, below 0 bearish, 0 nothing.
 * Lines of `band` "upper" and "lower" have the space between them filled. A `stepped` line holds its value for a while
 * and then jumps; nothing is drawn from one value to the next.
 */
export interface Output {
  readonly key: string
  readonly draw: "line" | "dashed" | "histogram" | "dots" | "signal"
  readonly band?: "upper" | "lower"
  readonly stepped?: boolean
}

/** One array per output key, as long as the series; NaN where there is no value. Never infinite. */
export type Values = Readonly<Record<string, Float64Array>>

export interface Indicator {
  /** As in `GET /api/indicators`, where the server has it. */
  readonly name: string
  readonly group: Group
  /** Over the prices, or in a pane of its own. */
  readonly pane: "price" | "own"
  readonly inputs: readonly Column[]
  readonly parameters: readonly Parameter[]
  readonly outputs: readonly Output[]
  /** Whether the server computes it too, to the same values. */
  readonly server: boolean
  /** Whether values of closed candles change when later candles come. */
  readonly repaints: boolean
  /**
   * Compute all outputs.
   * @throws {RangeError} a parameter is unknown or out of its range.
   */
  readonly compute: (series: Series, parameters?: Parameters) => Values
}
