import { RadioGroup } from "radix-ui"
import type { ReactNode } from "react"
import { cx } from "./class-names"

export interface Segment<V extends string> {
  value: V
  label: ReactNode
  disabled?: boolean | undefined
  /** Class names while it is chosen, such as "text-up" for the side of an order. */
  tone?: string | undefined
}

export interface SegmentedControlProps<V extends string> {
  value: V
  onChange: (value: V) => void
  options: readonly Segment<V>[]
  /** What is chosen, for screen readers. */
  label: string
  size?: "sm" | "md" | undefined
  className?: string | undefined
}

/** One of two to five, all in sight; arrow keys move. */
export function SegmentedControl<V extends string>(props: SegmentedControlProps<V>) {
  const { value, onChange, options, label, size = "md", className } = props
  return (
    <RadioGroup.Root
      aria-label={label}
      orientation="horizontal"
      value={value}
      onValueChange={(next) => onChange(next as V)}
      className={cx("inline-flex rounded-input border border-field-line bg-surface p-px", className)}
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          disabled={option.disabled ?? false}
          className={cx(
            "inline-flex flex-1 items-center justify-center gap-1 rounded-[3px] whitespace-nowrap text-muted",
            "transition-colors duration-120 hover:text-text disabled:opacity-45",
            "data-[state=checked]:bg-chosen data-[state=checked]:font-medium data-[state=checked]:text-text",
            size === "sm" ? "h-6 px-2 text-12" : "h-8 px-3 text-13",
            option.value === value && option.tone,
          )}
        >
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
