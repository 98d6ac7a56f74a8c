/** A button that acts while it is held: one press does it, an accidental click does not. */

import { type ReactNode, useRef, useState } from "react"

/** How long it is held, ms: well past a click, short in an emergency. */
export const HOLD_MS = 600

/** Keys that press a button. */
const isKey = (key: string): boolean => key === "Enter" || key === " "

interface Props {
  children: ReactNode
  /** Says how to use it, for those who only clicked. */
  hint: string
  disabled?: boolean
  onHeld: () => void
  /** A click without a press, as assistive programs make: they cannot hold, so the caller asks instead. */
  onPlainClick: () => void
}

export function HoldButton({ children, hint, disabled = false, onHeld, onPlainClick }: Props) {
  const [holding, setHolding] = useState(false)
  const [hinted, setHinted] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const pressed = useRef(false)
  const begin = (): void => {
    if (disabled || pressed.current) return
    pressed.current = true
    setHolding(true)
    setHinted(false)
    timer.current = setTimeout(() => {
      timer.current = undefined
      setHolding(false)
      onHeld()
    }, HOLD_MS)
  }
  const end = (): void => {
    if (timer.current !== undefined) {
      clearTimeout(timer.current)
      timer.current = undefined
      setHinted(true)
    }
    setHolding(false)
  }
  return (
    <span className="relative">
      <button
        type="button"
        disabled={disabled}
        className="relative inline-flex h-8 select-none items-center gap-2 overflow-hidden rounded-input border border-danger px-3 text-13 font-medium text-danger hover:bg-danger/10 disabled:opacity-50"
        onPointerDown={(event) => event.button === 0 && begin()}
        onPointerUp={end}
        onPointerLeave={end}
        onPointerCancel={end}
        onKeyDown={(event) => isKey(event.key) && !event.repeat && begin()}
        onKeyUp={(event) => isKey(event.key) && end()}
        onBlur={end}
        onClick={() => {
          if (!pressed.current) onPlainClick()
          pressed.current = false
        }}
      >
        <span
          aria-hidden
          className="absolute inset-y-0 start-0 bg-danger/30"
          style={{ inlineSize: holding ? "100%" : "0", transition: holding ? `inline-size ${HOLD_MS}ms linear` : "none" }}
        />
        <span className="relative inline-flex items-center gap-2">{children}</span>
      </button>
      <output className="absolute end-0 top-full mt-1 whitespace-nowrap text-11 text-muted">{hinted ? hint : ""}</output>
    </span>
  )
}
