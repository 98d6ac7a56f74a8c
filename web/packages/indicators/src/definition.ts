/** How the files of `groups/` say what computes an indicator. */

import type { Floats } from "./kernels/array.ts"
import type { Output, Parameter, Series } from "./types.ts"
import type { Group } from "./types.ts"

/** Checked parameters, by key. */
export class Chosen {
  readonly #values: Readonly<Record<string, number | string>>

  constructor(values: Readonly<Record<string, number | string>>) {
    this.#values = values
  }

  /** Return a number. */
  n(key: string): number {
    return Number(this.#values[key])
  }

  /** Return a word. */
  t(key: string): string {
    return String(this.#values[key])
  }
}

/** Return one dense array per output, in the outputs' order; each ends at the last candle. */
export type Compute = (series: Series, chosen: Chosen) => readonly Floats[]

/** Computations by the server's names. */
export type Computations = Readonly<Record<string, Compute>>

/** An indicator that the server has not. */
export interface Definition {
  readonly name: string
  readonly group: Group
  readonly pane: "price" | "own"
  readonly parameters: readonly Parameter[]
  readonly outputs: readonly Output[]
  readonly repaints?: boolean
  readonly compute: Compute
}
