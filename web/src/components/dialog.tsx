import { lazy, type ReactNode } from "react"
import { OnceOpen } from "./once-open"

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children?: ReactNode
  /** Buttons, in reading order; the main one last. */
  footer?: ReactNode
  size?: "sm" | "md" | "lg" | undefined
  /** Whether a press beside it closes it: no for what a person is filling in. */
  dismissable?: boolean | undefined
}

const Opened = lazy(() => import("./dialog-open"))

/** A question or a form above the page; focus stays in it and goes back where it came from. */
export function Dialog(props: DialogProps) {
  return (
    <OnceOpen open={props.open}>
      <Opened {...props} />
    </OnceOpen>
  )
}
