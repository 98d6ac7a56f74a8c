/** Live data in React. Books are not for these hooks at full speed: see `useBookPainter`. */

import type { BookView, ConnectionState } from "@cse/core"
import { useCallback, useEffect, useEffectEvent, useRef, useSyncExternalStore } from "react"
import { live } from "@/app/exchange"

/**
 * Keeps a channel while mounted and returns what is kept of it, as `read` picks it; null while it is not right.
 * `read` must return the same thing for the same value (no new objects), as React compares by identity.
 */
export function useChannel<T>(channel: string | null): T | null {
  const kept = useRef<{ channel: string | null; value: unknown }>({ channel: null, value: null })
  const subscribe = useCallback(
    (changed: () => void) => {
      if (channel === null) return () => undefined
      kept.current = { channel, value: live.value(channel) }
      return live.use(channel, () => {
        kept.current = { channel, value: live.value(channel) }
        changed()
      })
    },
    [channel],
  )
  return useSyncExternalStore(subscribe, () => (kept.current.channel === channel ? kept.current.value : null)) as T | null
}

/** The state of the one connection. */
export function useConnection(): ConnectionState {
  return useSyncExternalStore(
    (changed) => live.onConnection(changed),
    () => live.state,
  )
}

/** How often a painter looks at the book, ms: 10 Hz is what eyes follow (stack.md measured it). */
const PAINT_MS = 100

/**
 * Calls `paint` with the book when it changed, at most ten times a second and only while the tab is seen; outside
 * React's state, since a render for each message costs 90 % of a core. null: the book is not right at the moment.
 */
export function useBookPainter(channel: string, depth: number, paint: (book: BookView | null) => void): void {
  const latest = useEffectEvent(paint)
  useEffect(() => {
    let dirty = true
    const end = live.use(channel, () => (dirty = true))
    const look = (): void => {
      if (!dirty || document.hidden) return
      dirty = false
      latest(live.book(channel, depth))
    }
    const timer = setInterval(() => requestAnimationFrame(look), PAINT_MS)
    look()
    return () => {
      clearInterval(timer)
      end()
    }
  }, [channel, depth])
}
