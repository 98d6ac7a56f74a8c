import { ChevronDown } from "lucide-react"
import { cx } from "./class-names"
import { INPUT_CLASSES } from "./control-classes"

export interface SelectOption<V extends string> {
  value: V
  label: string
  disabled?: boolean | undefined
}

export interface SelectProps<V extends string> {
  value: V
  onChange: (value: V) => void
  options: readonly SelectOption<V>[]
  /** What is chosen, for screen readers; leave it out when a Field's label names it (with `id`). */
  label?: string | undefined
  id?: string | undefined
  describedBy?: string | undefined
  invalid?: boolean | undefined
  disabled?: boolean | undefined
  size?: "sm" | "md" | undefined
  className?: string | undefined
}

/** One of a few. It is the browser's own select: phones bring their picker, and newer browsers style its list. */
export function Select<V extends string>(props: SelectProps<V>) {
  const { value, onChange, options, label, size = "md" } = props
  return (
    <span className={cx("relative inline-block min-w-0", props.className)}>
      <select
        id={props.id}
        aria-label={label}
        aria-describedby={props.describedBy}
        aria-invalid={props.invalid || undefined}
        disabled={props.disabled}
        value={value}
        onChange={(event) => onChange(event.target.value as V)}
        className={cx(INPUT_CLASSES, "select appearance-none truncate pe-8", size === "sm" && "h-7! ps-2! text-12!")}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        size={14}
        strokeWidth={1.5}
        className="pointer-events-none absolute end-2 top-1/2 -translate-y-1/2 text-muted"
      />
    </span>
  )
}
