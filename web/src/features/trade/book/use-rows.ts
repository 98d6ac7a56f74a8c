/** How many rows of a side there is room for. */

import { type RefObject, useLayoutEffect, useRef, useState } from "react"
import { useWindowForm } from "@/app/window-form"
import type { BookView } from "../settings"

/** The height in `mid-row.tsx`, pixels. */
const MID_PX = 36
/** Heights of a row for a mouse, and for a finger, pixels. */
const DENSE_PX = 20
const TOUCH_PX = 28
/** Rows until the box is measured, and the most that are painted. */
const FIRST = 12
const MOST = 60

export interface Rows {
  box: RefObject<HTMLDivElement | null>
  /** Rows of a side. */
  count: number
  /** Height of a row, pixels. */
  rowPx: number
}

export function useRows(view: BookView): Rows {
  const rowPx = useWindowForm() === "desk" ? DENSE_PX : TOUCH_PX
  const box = useRef<HTMLDivElement>(null)
  const [height, setHeight] = useState(0)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measured = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 0))
    measured.observe(element)
    return () => measured.disconnect()
  }, [])
  const room = height === 0 ? 2 * FIRST : Math.floor((height - MID_PX) / rowPx)
  return { box, rowPx, count: Math.max(1, Math.min(MOST, view === "both" ? Math.floor(room / 2) : room)) }
}
