/** Paints the two sides of a book, and says what a person points at, presses and moves to with the keyboard. */

import type { BookView as Book } from "@cse/core"
import { useEffect, useState } from "react"
import { useBookPainter } from "@/stream/hooks"
import type { BookView } from "../settings"
import { LadderRow, type RowLook } from "./book-dom"
import { depth, type Rung, rungs } from "./ladder"
import { Press } from "./press"

export type SideName = "asks" | "bids"

export interface Pointed {
  side: SideName
  at: number
  rung: Rung
}

export interface LadderEvents {
  /** A row that still shows what was pressed; `size`: take the size as well. */
  onPick: (pointed: Pointed, size: boolean) => void
  /** The price slid away between press and release. */
  onMoved: () => void
  /** What is pointed at or focused, anew with every painting; null: nothing. */
  onPoint: (pointed: Pointed | null) => void
  onPaint: (book: Book | null) => void
}

export interface LadderLook {
  locale: string
  cumulative: boolean
  own: Readonly<Record<"buy" | "sell", ReadonlyMap<string, number>>>
}

export interface LadderShape {
  view: BookView
  /** Rows of a side. */
  count: number
}

/** The rows and listeners of one ladder; made once, outside React's rendering. */
export class Ladder {
  #rows: Record<SideName, LadderRow[]> = { asks: [], bids: [] }
  #boxes: Record<SideName, HTMLElement | null> = { asks: null, bids: null }
  #press = new Press()
  #pointed: { side: SideName; at: number } | null = null
  #last: Book | null = null

  constructor(
    private events: LadderEvents,
    private look: LadderLook,
  ) {}

  /** Takes the listeners of now. */
  tell(events: LadderEvents): void {
    this.events = events
  }

  /** Takes what rows look like from now on: in a quiet book no message would come to show it. */
  wear(look: LadderLook): void {
    this.look = look
    this.#draw()
  }

  /** Takes the element that holds a side's rows, or lets go of it. */
  hold(side: SideName, box: HTMLElement | null): void {
    this.#boxes[side] = box
  }

  /** Takes the rows that were drawn anew, at most `count` a side, and paints them. */
  refresh(view: BookView, count: number): void {
    for (const side of ["asks", "bids"] as const) {
      const box = view === "both" || view === side ? this.#boxes[side] : null
      const elements = [...(box?.querySelectorAll<HTMLElement>("[data-at]") ?? [])].slice(0, count)
      this.#rows[side] = elements.map((element) => new LadderRow(element))
    }
    this.#draw()
  }

  paint(book: Book | null): void {
    this.events.onPaint(book)
    if (book === null) return
    this.#last = book
    this.#draw()
  }

  #draw(): void {
    const book = this.#last
    if (book === null) return
    const asks = book.asks.slice(0, this.#rows.asks.length)
    const bids = book.bids.slice(0, this.#rows.bids.length)
    const [up, down] = [depth(asks), depth(bids)]
    const outOf = up > down ? up : down
    const { own, ...look } = this.look
    this.#side("asks", rungs(asks, outOf), { ...look, own: own.sell })
    this.#side("bids", rungs(bids, outOf), { ...look, own: own.buy })
    this.#sweep()
  }

  #side(side: SideName, levels: readonly Rung[], look: RowLook): void {
    for (const [at, row] of this.#rows[side].entries()) row.paint(levels[at] ?? null, look)
  }

  /** Points at a row (pointer or focus), or away. */
  point(element: EventTarget | null): void {
    this.#pointed = this.#find(element)
    this.#sweep()
  }

  down(element: EventTarget | null): void {
    const row = this.#row(element)
    if (row) this.#press.begin(row, row.price)
  }

  up(element: EventTarget | null, size: boolean): void {
    const [row, place] = [this.#row(element), this.#find(element)]
    if (!row?.rung || !place) return
    const what = this.#press.end(row, row.price)
    if (what === "click") this.events.onPick({ ...place, rung: row.rung }, size)
    else if (what === "moved") this.events.onMoved()
  }

  /** Arrow keys move, Enter takes the price, with Shift the size as well. Returns whether the key was one of these. */
  key(key: string, element: EventTarget | null, shift: boolean): boolean {
    const place = this.#find(element)
    const row = this.#row(element)
    if (!place || !row) return false
    if (key === "Enter" || key === " ") {
      if (row.rung) this.events.onPick({ ...place, rung: row.rung }, shift)
      return true
    }
    const target = this.#neighbour(key, place)
    if (target === null) return false
    target.element.focus()
    return true
  }

  /** The row that a key leads to: asks stand with the best one at the bottom. */
  #neighbour(key: string, { side, at }: { side: SideName; at: number }): LadderRow | null {
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -1_000, End: 1_000 }[key]
    if (by === undefined) return null
    const next = side === "bids" ? at + by : at - by
    const filled = this.#rows[side].filter((row) => row.rung !== null)
    if (next < 0 && Math.abs(by) === 1) return this.#rows[side === "bids" ? "asks" : "bids"][0] ?? null
    return filled[Math.min(Math.max(next, 0), filled.length - 1)] ?? null
  }

  #sweep(): void {
    const pointed = this.#pointed
    for (const side of ["asks", "bids"] as const) {
      for (const [at, row] of this.#rows[side].entries()) row.swept(pointed?.side === side && at <= pointed.at)
    }
    const rung = pointed && this.#rows[pointed.side][pointed.at]?.rung
    this.events.onPoint(pointed && rung ? { ...pointed, rung } : null)
  }

  #find(element: EventTarget | null): { side: SideName; at: number } | null {
    const row = element instanceof Element ? element.closest<HTMLElement>("[data-at]") : null
    const side = row?.parentElement?.dataset.side
    return row && (side === "asks" || side === "bids") ? { side, at: Number(row.dataset.at) } : null
  }

  #row(element: EventTarget | null): LadderRow | undefined {
    const place = this.#find(element)
    return place ? this.#rows[place.side][place.at] : undefined
  }
}

/** More levels than any panel shows. */
const LEVELS = 100

/** A ladder over a book's channel; `count` rows a side, the sides that `view` says; painted anew for each new `look`. */
export function useLadder(channel: string, { view, count }: LadderShape, events: LadderEvents, look: LadderLook): Ladder {
  const [ladder] = useState(() => new Ladder(events, look))
  useEffect(() => ladder.tell(events))
  useEffect(() => ladder.wear(look), [ladder, look])
  useEffect(() => ladder.refresh(view, count), [ladder, view, count])
  useBookPainter(channel, LEVELS, (book) => ladder.paint(book))
  return ladder
}
