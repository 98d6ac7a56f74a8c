/** The line between two panels: drag it, or move it with the arrow keys. Sizes are pixels of the panel that it sizes. */

import type { KeyboardEvent, PointerEvent } from "react"
import { cx } from "@/components/class-names"

export interface SplitterProps {
  label: string
  /** Which way the line runs. */
  orientation: "vertical" | "horizontal"
  value: number
  min: number
  max: number
  /** Whether the sized panel is before the line (left, above) or after it. */
  sizes: "before" | "after"
  onChange: (value: number) => void
}

/** What an arrow key moves, pixels; ten times that with Shift. */
const STEP_PX = 8

export function Splitter({ label, orientation, value, min, max, sizes, onChange }: SplitterProps) {
  const vertical = orientation === "vertical"
  const sign = sizes === "before" ? 1 : -1
  const move = (by: number): void => onChange(Math.min(max, Math.max(min, Math.round(value + by * sign))))
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return
    event.preventDefault()
    const line = event.currentTarget
    const at = (from: { clientX: number; clientY: number }): number => (vertical ? from.clientX * direction(line) : from.clientY)
    const began = at(event)
    const follow = (moved: globalThis.PointerEvent): void => move(at(moved) - began)
    line.setPointerCapture(event.pointerId)
    line.addEventListener("pointermove", follow)
    line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", follow), { once: true })
  }
  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    const way = (vertical ? { ArrowLeft: -1, ArrowRight: 1 } : { ArrowUp: -1, ArrowDown: 1 })[event.key as "ArrowLeft"]
    const by = event.key === "Home" ? -Infinity : event.key === "End" ? Infinity : way === undefined ? 0 : way * STEP_PX
    if (by === 0) return
    event.preventDefault()
    move((event.shiftKey ? 10 : 1) * by * (vertical ? direction(event.currentTarget) : 1))
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- a separator that takes focus is a widget (WAI-ARIA)
    <div
      role="separator"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as above
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={drag}
      onKeyDown={keys}
      className={cx(
        "group relative z-10 shrink-0 touch-none bg-line hover:bg-brand focus-visible:bg-brand",
        "before:absolute before:content-['']",
        vertical ? "w-px cursor-col-resize before:inset-y-0 before:-inset-x-1" : "h-px cursor-row-resize before:inset-x-0 before:-inset-y-1",
      )}
    />
  )
}

/** 1, or -1 where lines run from right to left. */
function direction(element: Element): number {
  return getComputedStyle(element).direction === "rtl" ? -1 : 1
}
