/** A word or two on hover and focus; never the only place where something is said. Placed by hand: it is one line of text. */

import { type FocusEvent, type PointerEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react"
import { createPortal } from "react-dom"

type Side = "top" | "bottom" | "left" | "right"

export interface TooltipProps {
  label: ReactNode
  /** One element that takes focus. */
  children: ReactNode
  side?: Side | undefined
}

/** A pointer that only passes shows nothing, ms. */
const DELAY_MS = 400
/** Between the element and its words, and to the window's edge, px. */
const GAP = 6
const EDGE = 8

export function Tooltip({ label, children, side = "bottom" }: TooltipProps) {
  const [anchor, setAnchor] = useState<DOMRect | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const hide = (): void => {
    clearTimeout(timer.current)
    setAnchor(null)
  }
  const show = (element: Element | null): void => setAnchor(element?.getBoundingClientRect() ?? null)
  const enter = (event: PointerEvent): void => {
    const element = event.currentTarget.firstElementChild
    if (event.pointerType === "touch") return
    clearTimeout(timer.current)
    timer.current = setTimeout(() => show(element), DELAY_MS)
  }
  const focus = (event: FocusEvent): void => {
    if (event.target.matches(":focus-visible")) show(event.currentTarget.firstElementChild)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    // Events come up from the one element inside, which keeps its own role and keys.
    <span className="contents" onPointerEnter={enter} onPointerLeave={hide} onPointerDown={hide} onFocus={focus} onBlur={hide}>
      {children}
      {anchor && <Words anchor={anchor} side={side} label={label} onEscape={hide} />}
    </span>
  )
}

function Words({ anchor, side, label, onEscape }: { anchor: DOMRect; side: Side; label: ReactNode; onEscape: () => void }) {
  const box = useRef<HTMLSpanElement>(null)
  useLayoutEffect(() => {
    if (!box.current) return
    const { width, height } = box.current.getBoundingClientRect()
    const { x, y } = placed(anchor, side, { width, height }, { width: window.innerWidth, height: window.innerHeight })
    box.current.style.transform = `translate(${x}px, ${y}px)`
  }, [anchor, side])
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onEscape()
    }
    document.addEventListener("keydown", key)
    return () => document.removeEventListener("keydown", key)
  }, [onEscape])
  return createPortal(
    // The element that it belongs to is named by itself: read twice, it would only be noise.
    <span
      ref={box}
      aria-hidden
      className="fade pointer-events-none fixed top-0 left-0 z-50 max-w-72 rounded-input bg-text px-2 py-1 text-12 text-canvas"
    >
      {label}
    </span>,
    document.body,
  )
}

interface Size {
  width: number
  height: number
}

/** Returns the upper left corner of a box beside `anchor`, on the other side where the window ends; px. */
export function placed(anchor: Omit<DOMRect, "toJSON">, side: Side, box: Size, screen: Size): { x: number; y: number } {
  const middle = { x: anchor.left + (anchor.width - box.width) / 2, y: anchor.top + (anchor.height - box.height) / 2 }
  const at = {
    top: { x: middle.x, y: anchor.top - box.height - GAP },
    bottom: { x: middle.x, y: anchor.bottom + GAP },
    left: { x: anchor.left - box.width - GAP, y: middle.y },
    right: { x: anchor.right + GAP, y: middle.y },
  }
  const fits = (one: Side): boolean =>
    at[one].x >= 0 && at[one].y >= 0 && at[one].x + box.width <= screen.width && at[one].y + box.height <= screen.height
  const other = ({ top: "bottom", bottom: "top", left: "right", right: "left" } as const)[side]
  const { x, y } = at[fits(side) || !fits(other) ? side : other]
  return { x: inside(x, box.width, screen.width), y: inside(y, box.height, screen.height) }
}

function inside(value: number, length: number, whole: number): number {
  return Math.max(EDGE, Math.min(value, whole - length - EDGE))
}
