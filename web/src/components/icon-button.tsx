import type { ComponentProps, ReactNode } from "react"
import { cx } from "./class-names"
import { type ButtonSize, type ButtonVariant, buttonClasses } from "./control-classes"
import { Tooltip } from "./tooltip"

export interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  /** What it does, in words: read out, and shown on hover. */
  label: string
  icon: ReactNode
  variant?: ButtonVariant | undefined
  size?: ButtonSize | undefined
}

const SQUARE: Record<ButtonSize, string> = { sm: "w-7 px-0!", md: "w-9 px-0!", lg: "w-11 px-0!" }

/** A square button with an icon alone. */
export function IconButton({ label, icon, variant = "ghost", size = "md", className, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={buttonClasses(variant, size, cx(SQUARE[size], className))}
      >
        {icon}
      </button>
    </Tooltip>
  )
}
