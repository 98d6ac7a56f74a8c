import { Switch as Radix } from "radix-ui"
import { type ReactNode, useId } from "react"

export interface SwitchProps {
  checked: boolean
  onChange: (checked: boolean) => void
  label: ReactNode
  hint?: ReactNode
  disabled?: boolean | undefined
}

/** On or off, at once; a row with its words at the start. */
export function Switch({ checked, onChange, label, hint, disabled }: SwitchProps) {
  const id = useId()
  return (
    <div className="flex items-center justify-between gap-4">
      <div className="min-w-0 text-13">
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <p id={`${id}-hint`} className="text-12 text-muted">
            {hint}
          </p>
        ) : null}
      </div>
      <Radix.Root
        id={id}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onCheckedChange={onChange}
        className="relative h-5 w-9 shrink-0 rounded-full border border-field-line bg-raised before:absolute before:-inset-1 disabled:opacity-45 data-[state=checked]:border-brand data-[state=checked]:bg-brand"
      >
        <Radix.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-muted transition-transform duration-120 ease-out data-[state=checked]:translate-x-[1.125rem] data-[state=checked]:bg-on-brand rtl:-translate-x-0.5 rtl:data-[state=checked]:-translate-x-[1.125rem]" />
      </Radix.Root>
    </div>
  )
}
