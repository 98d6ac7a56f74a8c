import type { ReactNode } from "react"
import { Field } from "./field"
import { TextInput } from "./text-input"

interface Props {
  label: string
  hint?: ReactNode
  error: string | undefined
  /** "username" where it is what one logs in with, so that password managers keep the pair. */
  autoComplete: "email" | "username" | "username webauthn"
  value: string
  onChange: (email: string) => void
}

/** A form's e-mail address; `error` is what the exchange says of the field "email". */
export function EmailField({ label, hint, error, autoComplete, value, onChange }: Props) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <TextInput
          {...ids}
          name="email"
          type="email"
          autoComplete={autoComplete}
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
