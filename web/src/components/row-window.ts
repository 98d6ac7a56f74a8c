/** Which rows of a fixed height are in sight of the box that scrolls them. */

import { type RefObject, useLayoutEffect, useState } from "react"

/** Rows beyond both edges, so that scrolling shows no gaps. */
const OVERSCAN = 12
/** The box before it was measured, px. */
const FIRST_HEIGHT = 600

export interface RowWindow {
  /** The first row that is drawn, and the one after the last. */
  from: number
  to: number
}

/** Returns the rows to draw; px in, indices out. */
export function rowsInSight(scrollTop: number, boxHeight: number, rowHeight: number, count: number): RowWindow {
  const first = Math.floor(scrollTop / rowHeight) - OVERSCAN
  const last = Math.ceil((scrollTop + boxHeight) / rowHeight) + OVERSCAN
  const from = Math.max(0, Math.min(first, count - 1))
  return { from, to: Math.max(from, Math.min(last, count)) }
}

/** Follows scrolling and resizing of `box`; renders anew only when other rows come into sight. */
export function useRowWindow(box: RefObject<HTMLElement | null>, rowHeight: number, count: number): RowWindow {
  const [seen, setSeen] = useState<RowWindow>(() => rowsInSight(0, FIRST_HEIGHT, rowHeight, count))
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const look = (): void => {
      const now = rowsInSight(element.scrollTop, element.clientHeight || FIRST_HEIGHT, rowHeight, count)
      setSeen((was) => (was.from === now.from && was.to === now.to ? was : now))
    }
    const resizes = new ResizeObserver(look)
    resizes.observe(element)
    element.addEventListener("scroll", look, { passive: true })
    look()
    return () => {
      resizes.disconnect()
      element.removeEventListener("scroll", look)
    }
  }, [box, rowHeight, count])
  // Fewer rows than at the last look: never beyond the end.
  return { from: Math.min(seen.from, count), to: Math.min(seen.to, count) }
}
