import { Check } from "lucide-react"
import { type ReactNode, useId } from "react"

export interface CheckboxProps {
  checked: boolean
  onChange: (checked: boolean) => void
  label: ReactNode
  hint?: ReactNode
  disabled?: boolean | undefined
  name?: string | undefined
}

/** Yes or no, with its words beside it. */
export function Checkbox({ checked, onChange, label, hint, disabled, name }: CheckboxProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-2">
      <span className="relative mt-px grid size-4 shrink-0 place-items-center">
        <input
          id={id}
          type="checkbox"
          name={name}
          checked={checked}
          disabled={disabled}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onChange={(event) => onChange(event.target.checked)}
          className="peer absolute inset-0 appearance-none rounded-[3px] border border-field-line bg-surface before:absolute before:-inset-1 checked:border-brand checked:bg-brand hover:border-text disabled:opacity-45"
        />
        <Check aria-hidden size={12} strokeWidth={2.5} className="pointer-events-none relative hidden text-on-brand peer-checked:block" />
      </span>
      <div className="min-w-0 text-13">
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <p id={`${id}-hint`} className="text-12 text-muted">
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  )
}
