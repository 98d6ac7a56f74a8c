/** What an indicator's axis is like: its decimals, and the levels that people look at. */

import type { Indicator } from "@cse/indicators"

/** Those of a pane of their own whose values are prices or differences of prices, as many decimals as the market's. */
const OF_PRICES = new Set(
  ("ac adr ao apo atr avgdev dpo eri linearreg_slope macd macdext macdfix mom minus_dm plus_dm qstick stddev trange " +
    "wad ht_phasor").split(" "),
)

/** Return the series whose precision the library takes, or a number of decimals. */
export function precisionOf(indicator: Indicator): { series: "price" | "volume" | "normal"; precision?: number } {
  if (indicator.pane === "price" || OF_PRICES.has(indicator.name)) return { series: "price" }
  if (["volume", "ad", "obv", "adosc", "efi", "kvo"].includes(indicator.name)) return { series: "volume" }
  const fine = indicator.name === "var" || indicator.name === "marketfi"
  return { series: "normal", precision: fine ? 8 : 2 }
}

const LEVELS: Readonly<Record<string, readonly number[]>> = {
  adx: [25],
  aroonosc: [0],
  bbp: [0, 1],
  cci: [-100, 100],
  chop: [38.2, 61.8],
  cmo: [-50, 50],
  cmou: [-50, 50],
  crsi: [10, 90],
  fisher: [0],
  imi: [30, 70],
  kdj: [20, 80],
  massi: [26.5, 27],
  mfi: [20, 80],
  psy: [25, 75],
  rmi: [30, 70],
  rsi: [30, 70],
  smi: [-40, 40],
  stc: [25, 75],
  stoch: [20, 80],
  stochf: [20, 80],
  stochrsi: [20, 80],
  ultosc: [30, 70],
  wavetrend: [-60, 60],
  willr: [-80, -20],
  zscore: [-2, 2],
}

/** Return the levels of an indicator's pane, none for most. */
export const levelsOf = (indicator: Indicator): readonly number[] => LEVELS[indicator.name] ?? []
