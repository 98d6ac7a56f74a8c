import type { ReactNode } from "react"
import { cx } from "./class-names"

export interface BadgeProps {
  kind?: "plain" | "info" | "warn" | "down" | "up" | undefined
  children: ReactNode
  className?: string | undefined
}

const LOOKS = {
  plain: "border-line-strong text-muted",
  info: "border-info/50 text-info",
  warn: "border-warn/50 text-warn",
  down: "border-danger/50 text-danger",
  up: "border-good/50 text-good",
}

/** A state in one word. */
export function Badge({ kind = "plain", children, className }: BadgeProps) {
  return (
    <span
      className={cx(
        "inline-flex h-5 items-center gap-1 rounded-input border px-1.5 text-11 font-medium whitespace-nowrap",
        LOOKS[kind],
        className,
      )}
    >
      {children}
    </span>
  )
}
