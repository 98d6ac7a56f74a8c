/** The swings of the price. */

import type { Definition } from "../definition.ts"
import { at, type Floats, floats } from "../kernels/array.ts"
import { line, real } from "./parameters.ts"

interface Turn {
  readonly index: number
  readonly price: number
}

/** Return the turns: highs and lows by turns, each at least `share` away from the one before; the last may still move. */
function turns(high: Floats, low: Floats, share: number): readonly Turn[] {
  const found: Turn[] = []
  let top: Turn = { index: 0, price: at(high, 0) }
  let bottom: Turn = { index: 0, price: at(low, 0) }
  let rising: boolean | null = null
  for (let i = 1; i < high.length; i++) {
    if (at(high, i) > top.price) top = { index: i, price: at(high, i) }
    if (at(low, i) < bottom.price) bottom = { index: i, price: at(low, i) }
    if (rising !== false && at(low, i) <= top.price * (1 - share) && top.index < i) {
      found.push(top)
      rising = false
      bottom = { index: i, price: at(low, i) }
    } else if (rising !== true && at(high, i) >= bottom.price * (1 + share) && bottom.index < i) {
      found.push(bottom)
      rising = true
      top = { index: i, price: at(high, i) }
    }
  }
  if (rising !== null) found.push(rising ? top : bottom)
  return found
}

/**
 * Zigzag: straight lines between turns that are some percent apart. It repaints: the last leg moves with the newest
 * candles, and a turn is known only when the price has come back by that much. It says where swings were, not where one
 * could have traded.
 */
export const zigzag: Definition = {
  name: "zigzag",
  group: "overlap",
  pane: "price",
  parameters: [real("percent", 5, 0.1, 90, 0.5)],
  outputs: [line()],
  repaints: true,
  compute: ({ high, low }, p) => {
    const out = floats(high.length).fill(Number.NaN)
    if (high.length === 0) return [out]
    const found = turns(high, low, p.n("percent") / 100)
    for (let k = 1; k < found.length; k++) {
      const [from, to] = [found[k - 1] as Turn, found[k] as Turn]
      const step = (to.price - from.price) / (to.index - from.index)
      for (let i = from.index; i <= to.index; i++) out[i] = from.price + step * (i - from.index)
    }
    return [out]
  },
}
