import type { ComponentProps } from "react"
import { cx } from "./class-names"
import { INPUT_CLASSES } from "./control-classes"
import type { FieldIds } from "./field"

export interface TextInputProps extends ComponentProps<"input">, Partial<Pick<FieldIds, "describedBy" | "invalid">> {}

/** One line of text; takes a Field's ids as they are: `<TextInput {...ids} />`. */
export function TextInput({ describedBy, invalid, className, ...rest }: TextInputProps) {
  return (
    <input
      type="text"
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
      {...rest}
      className={cx(INPUT_CLASSES, className)}
    />
  )
}

export interface TextAreaProps extends ComponentProps<"textarea">, Partial<Pick<FieldIds, "describedBy" | "invalid">> {}

/** Several lines of text. */
export function TextArea({ describedBy, invalid, className, ...rest }: TextAreaProps) {
  return (
    <textarea
      rows={4}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
      {...rest}
      className={cx(INPUT_CLASSES, "h-auto resize-y py-2 leading-relaxed", className)}
    />
  )
}
