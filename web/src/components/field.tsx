import { type ReactNode, useId } from "react"
import { cx } from "./class-names"

export interface FieldIds {
  id: string
  /** For `aria-describedby`: the hint and the error; undefined without either. */
  describedBy: string | undefined
  invalid: boolean
}

export interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  /** Right of the label: a link, a counter, what is available. */
  aside?: ReactNode
  className?: string | undefined
  children: (ids: FieldIds) => ReactNode
}

/** A label, one input, and what there is to say about it: `<Field label="…">{(ids) => <TextInput {...ids} />}</Field>`. */
export function Field({ label, hint, error, aside, className, children }: FieldProps) {
  const id = useId()
  const invalid = error !== undefined && error !== null && error !== "" && error !== false
  const said = [hint ? `${id}-hint` : "", invalid ? `${id}-error` : ""].filter(Boolean).join(" ")
  return (
    <div className={cx("flex min-w-0 flex-col gap-1", className)}>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="text-12 font-medium text-muted">
          {label}
        </label>
        {aside !== undefined && <span className="text-12 text-muted">{aside}</span>}
      </div>
      {children({ id, describedBy: said === "" ? undefined : said, invalid })}
      {hint ? (
        <p id={`${id}-hint`} className="text-12 text-muted">
          {hint}
        </p>
      ) : null}
      <p id={`${id}-error`} aria-live="polite" className={cx("text-12 text-danger", !invalid && "hidden")}>
        {invalid ? error : null}
      </p>
    </div>
  )
}
