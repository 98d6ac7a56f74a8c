/** Spread and middle of the book, painted beside React as the rows are. A coarse book does not know them: then `bbo` does. */

import { type BookView as Book, formatDecimal, formatPpm, type Level } from "@cse/core"
import { useEffect, useMemo, useRef } from "react"
import { useTranslation } from "react-i18next"
import { live } from "@/app/exchange"
import { spreadOf } from "./ladder"

interface Best {
  bid: Level | null
  ask: Level | null
}

export interface BookFacts {
  /** Where the spread is written: `[data-mid]`, `[data-spread]`, `[data-percent]`. */
  hold: (element: HTMLElement | null) => void
  paint: (book: Book | null) => void
}

/** `exact`: the book has the market's own ticks. */
export function useBookFacts(market: string, exact: boolean): BookFacts {
  const { i18n } = useTranslation("trade")
  const channel = exact ? null : `bbo.${market}`
  const last = useRef<Book | null>(null)
  const element = useRef<HTMLElement | null>(null)
  const locale = i18n.language
  const facts = useMemo(() => {
    const write = (name: string, text: string): void => {
      const found = element.current?.querySelector(`[data-${name}]`)
      if (found && found.textContent !== text) found.textContent = text
    }
    return {
      hold: (found: HTMLElement | null) => void (element.current = found),
      paint: (book: Book | null) => {
        last.current = book
        if (book === null) return
        const best = channel === null ? null : (live.value(channel) as Best | null)
        const spread = spreadOf((best ? best.bid : book.bids[0])?.[0], (best ? best.ask : book.asks[0])?.[0])
        write("mid", spread ? formatDecimal(spread.mid, locale) : "–")
        write("spread", spread ? formatDecimal(spread.spread, locale) : "–")
        write("percent", spread ? formatPpm(spread.ppm, locale, false) : "")
      },
    }
  }, [channel, locale])
  // The exact best prices may come after the book, and after them nothing for long.
  useEffect(() => {
    const paint = (): void => facts.paint(last.current)
    paint()
    return channel === null ? undefined : live.use(channel, paint)
  }, [channel, facts])
  return facts
}
