import { lazy, type ReactNode } from "react"
import { OnceOpen } from "./once-open"

export interface SheetProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  /** From the bottom (phones), or from the end of the line. */
  side?: "bottom" | "end" | undefined
  children: ReactNode
}

const Opened = lazy(() => import("./sheet-open"))

/** A panel that slides in over the page: the ticket on a phone, details on a desk. */
export function Sheet(props: SheetProps) {
  return (
    <OnceOpen open={props.open}>
      <Opened {...props} />
    </OnceOpen>
  )
}
