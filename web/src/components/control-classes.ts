/** The looks that buttons and what acts like one share; sizes on the 4 px grid. */

import { cx } from "./class-names"

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger" | "up" | "down"
export type ButtonSize = "sm" | "md" | "lg"

const VARIANTS: Record<ButtonVariant, string> = {
  primary: "bg-brand text-on-brand hover:bg-brand-strong active:bg-brand",
  secondary: "border border-line-strong text-text hover:bg-raised active:bg-line",
  ghost: "text-text hover:bg-raised active:bg-line",
  danger: "bg-danger text-on-side hover:bg-danger-strong active:bg-danger",
  up: "bg-up text-on-side hover:bg-up-strong active:bg-up",
  down: "bg-down text-on-side hover:bg-down-strong active:bg-down",
}

const SIZES: Record<ButtonSize, string> = {
  sm: "h-7 px-2 text-12 gap-1",
  md: "h-9 px-3 text-13 gap-2",
  lg: "h-11 px-5 text-14 gap-2",
}

/** Class names of a button. */
export function buttonClasses(variant: ButtonVariant = "secondary", size: ButtonSize = "md", more?: string): string {
  return cx(
    "relative inline-flex shrink-0 select-none items-center justify-center rounded-input font-medium whitespace-nowrap",
    "transition-colors duration-120 ease-out disabled:cursor-not-allowed disabled:opacity-45 [&[aria-disabled=true]:not([aria-busy])]:opacity-45",
    VARIANTS[variant],
    SIZES[size],
    more,
  )
}

/** Class names of a box that one types into. */
export const INPUT_CLASSES = cx(
  "h-9 w-full min-w-0 rounded-input border border-field-line bg-surface px-3 text-13 text-text placeholder:text-faint",
  "transition-colors duration-120 hover:border-text focus-visible:border-brand focus-visible:outline-offset-0",
  "disabled:cursor-not-allowed disabled:bg-raised disabled:text-muted",
  "aria-invalid:border-danger [&:is(input,textarea):read-only]:bg-raised",
)

/** Class names of what floats above the page. */
export const FLOATING_CLASSES = "rounded-popover border border-line-strong bg-raised text-text shadow-float"
