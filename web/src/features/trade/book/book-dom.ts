/** Fixed rows of a ladder, written ten times a second outside React (stack.md measured why). Only what changed is written. */

import { faintZeros, formatDecimal, truncate } from "@cse/core"
import { levelKey } from "./own-levels"
import type { Rung } from "./ladder"

/** A level's worth is there to be compared at a glance. */
const VALUE_DECIMALS = 2

export interface RowLook {
  locale: string
  cumulative: boolean
  own: ReadonlyMap<string, number>
}

/** One row's element with what it shows. Its markup is `book-side.tsx`. */
export class LadderRow {
  rung: Rung | null = null
  #shown: string[] = []
  readonly #cells: HTMLElement[]
  readonly #bar: HTMLElement | null

  constructor(readonly element: HTMLElement) {
    this.#cells = [...element.querySelectorAll<HTMLElement>("[data-cell]")]
    this.#bar = element.querySelector<HTMLElement>("[data-bar]")
  }

  get price(): string {
    return this.rung?.price ?? ""
  }

  paint(rung: Rung | null, look: RowLook): void {
    this.rung = rung
    if (rung === null) return this.#clear()
    const { locale, cumulative } = look
    this.#put(0, formatDecimal(rung.price, locale), "")
    this.#amount(1, rung.quantity, locale)
    this.#amount(2, cumulative ? rung.sum : truncate(rung.value, VALUE_DECIMALS), locale)
    const width = `scaleX(${cumulative ? rung.sumPart : rung.part})`
    if (this.#bar && this.#bar.style.transform !== width) this.#bar.style.transform = width
    this.#mark("own", look.own.has(levelKey(rung.price)))
    this.#mark("empty", false)
  }

  /** Says whether the row is between the best price and the one under the pointer. */
  swept(yes: boolean): void {
    this.#mark("swept", yes && this.rung !== null)
  }

  #clear(): void {
    for (let at = 0; at < this.#cells.length; at++) this.#put(at, "", "")
    if (this.#bar) this.#bar.style.transform = "scaleX(0)"
    this.#mark("own", false)
    this.#mark("empty", true)
  }

  #amount(at: number, decimal: string, locale: string): void {
    const printed = formatDecimal(decimal, locale)
    const cut = printed.length - faintZeros(decimal)[1].length
    this.#put(at, printed.slice(0, cut), printed.slice(cut))
  }

  /** Writes the digits that matter and the faint ones of a cell. */
  #put(at: number, main: string, faint: string): void {
    const cell = this.#cells[at]
    const shown = `${main}|${faint}`
    if (!cell || this.#shown[at] === shown) return
    this.#shown[at] = shown
    const [first, second] = cell.children
    if (first) first.textContent = main
    if (second) second.textContent = faint
  }

  #mark(name: string, on: boolean): void {
    if (on === (name in this.element.dataset)) return
    if (on) this.element.dataset[name] = ""
    else delete this.element.dataset[name]
  }
}
