/** Finding an indicator among many. */

import type { Group, Indicator } from "@cse/indicators"

export type Shelved = "favourites" | "recent"
export type Place = "all" | Shelved | Group

export interface Wanted {
  /** What was typed. */
  readonly text: string
  readonly place: Place
}

export interface Shelves {
  readonly favourites: readonly string[]
  readonly recent: readonly string[]
}

/** What most people look for, first; the others follow in the catalogue's order. */
const POPULAR = (
  "sma ema bbands vwap_session supertrend ichimoku macd rsi stoch stochrsi atr adx obv mfi cmf vwap_anchored pivots sar kc " +
  "donchian cci willr volume"
).split(" ")

function rank({ name }: Indicator): number {
  const place = POPULAR.indexOf(name)
  return place < 0 ? POPULAR.length : place
}

const popularFirst = (all: readonly Indicator[]): readonly Indicator[] => [...all].sort((a, b) => rank(a) - rank(b))

/** Put marks over letters and the case of letters aside. */
const plain = (text: string): string => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase()

function score(indicator: Indicator, title: string, words: readonly string[]): number {
  const [name, told] = [plain(indicator.name.replaceAll("_", " ")), plain(title)]
  let total = 0
  for (const word of words) {
    if (name === word) total += 4
    else if (name.startsWith(word) || told.startsWith(word)) total += 3
    else if (told.includes(` ${word}`)) total += 2
    else if (name.includes(word) || told.includes(word)) total += 1
    else return 0
  }
  return total
}

function inPlace(all: readonly Indicator[], place: Place, shelves: Shelves): readonly Indicator[] {
  if (place === "all") return popularFirst(all)
  if (place !== "favourites" && place !== "recent") return all.filter((each) => each.group === place)
  const found = shelves[place].map((name) => all.find((each) => each.name === name))
  return found.filter((each): each is Indicator => each !== undefined)
}

/**
 * Return the indicators of a place whose name or title has every word of the text, the best first. What is typed is
 * looked for everywhere: who types a name does not want to know its group.
 */
export function search(
  all: readonly Indicator[],
  { text, place }: Wanted,
  titleOf: (name: string) => string,
  shelves: Shelves,
): readonly Indicator[] {
  const words = plain(text).split(/\s+/).filter(Boolean)
  if (words.length === 0) return inPlace(all, place, shelves)
  const scored = all.map((each) => ({ each, points: score(each, titleOf(each.name), words) }))
  return scored
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ each }) => each)
}
