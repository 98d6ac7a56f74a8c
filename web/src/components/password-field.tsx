import type { ReactNode } from "react"
import { Field } from "./field"
import { PasswordInput } from "./password-input"

interface Props {
  /** The field's name in the API. */
  name?: string
  label: string
  hint?: ReactNode
  error: string | undefined
  autoComplete: "current-password" | "new-password"
  /** Characters. */
  minLength?: number
  value: string
  onChange: (password: string) => void
}

/** A form's password; `error` is what the exchange says of the field `name`. */
export function PasswordField({ name = "password", label, hint, error, autoComplete, minLength, value, onChange }: Props) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <PasswordInput
          {...ids}
          name={name}
          autoComplete={autoComplete}
          minLength={minLength}
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
