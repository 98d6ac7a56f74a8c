/**
 * What floats beside a button loads when the button is first pressed, and begins to load when it is pointed at: placing
 * floating things weighs a tenth of the terminal's program, and few of them are ever opened.
 */

import { Slot } from "radix-ui"
import { type KeyboardEvent, type ReactNode, Suspense, useState } from "react"

interface Props {
  /** The button as long as nothing was opened. */
  trigger: ReactNode
  kind: "menu" | "dialog"
  load: () => Promise<unknown>
  /** Whether it is to be open, where the caller says so. */
  open?: boolean | undefined
  onOpen?: ((open: boolean) => void) | undefined
  /** The button with what floats, open. */
  children: ReactNode
}

/** Keys that open a menu without a press. */
const OPENING = new Set(["ArrowDown", "ArrowUp"])

export function OnPress({ trigger, kind, load, open, onOpen, children }: Props) {
  const [pressed, setPressed] = useState(false)
  const press = (): void => {
    setPressed(true)
    onOpen?.(true)
  }
  const soon = (): void => void load()
  const closed = (
    <Slot.Root
      aria-haspopup={kind}
      aria-expanded={pressed}
      onPointerEnter={soon}
      onFocus={soon}
      onClick={press}
      onKeyDown={(event: KeyboardEvent) => {
        if (kind !== "menu" || !OPENING.has(event.key)) return
        event.preventDefault()
        press()
      }}
    >
      {trigger}
    </Slot.Root>
  )
  if (!pressed && open !== true) return closed
  return <Suspense fallback={closed}>{children}</Suspense>
}
