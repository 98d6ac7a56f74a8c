/** The latest trades, newest first, a few times a second anew; they stand still while a person looks closely. */

import type { Trade } from "@cse/core"
import { useEffect, useRef, useState } from "react"
import { live } from "@/app/exchange"
import { next, START, type Tape } from "./tape"

/** How often new rows come in, ms. */
const PACE_MS = 250

/** `held`: new trades wait, so that nothing moves under the pointer. */
export function useTape(market: string, held: boolean): Tape {
  const channel = `trades.${market}`
  const [tape, setTape] = useState<Tape>(START)
  const holding = useRef(held)
  const dirty = useRef(true)
  useEffect(() => {
    holding.current = held
    dirty.current = true
  }, [held])
  useEffect(() => {
    dirty.current = true
    const look = (): void => {
      if (!dirty.current || document.hidden) return
      dirty.current = false
      const kept = live.value(channel) as readonly Trade[] | null
      setTape((was) => next(was, kept, holding.current))
    }
    const end = live.use(channel, () => (dirty.current = true))
    const timer = setInterval(look, PACE_MS)
    look()
    return () => {
      clearInterval(timer)
      end()
    }
  }, [channel])
  return tape
}
