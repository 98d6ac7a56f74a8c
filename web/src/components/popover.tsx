import { lazy, type ReactNode } from "react"
import { OnPress } from "./on-press"

export interface PopoverProps {
  /** A real button; it gets the popover's aria. */
  trigger: ReactNode
  /** What the popover is, for screen readers. */
  label: string
  children: ReactNode
  align?: "start" | "center" | "end" | undefined
  open?: boolean | undefined
  onOpenChange?: ((open: boolean) => void) | undefined
  className?: string | undefined
}

const load = () => import("./popover-open")
const Opened = lazy(load)

/** A small panel beside its button. */
export function Popover(props: PopoverProps) {
  return (
    <OnPress trigger={props.trigger} kind="dialog" load={load} open={props.open} onOpen={props.onOpenChange}>
      <Opened {...props} />
    </OnPress>
  )
}
