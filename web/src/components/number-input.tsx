import { forTyping, readTyped } from "@cse/core"
import { type ComponentProps, type KeyboardEvent, type ReactNode, useState } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"
import { INPUT_CLASSES } from "./control-classes"
import type { FieldIds } from "./field"
import { stepped } from "./stepping"

export interface NumberInputProps
  extends Omit<ComponentProps<"input">, "value" | "onChange" | "step" | "min" | "max" | "type">,
    Partial<Pick<FieldIds, "describedBy" | "invalid">> {
  /** A decimal ("1234.50"), or "" for nothing yet. */
  value: string
  /** Called with a decimal, or "" while what stands there is no number. */
  onChange: (value: string) => void
  /** What an arrow key adds; ten times that with Shift. */
  step: string
  min?: string | undefined
  max?: string | undefined
  /** The asset or unit, at the end of the box. */
  unit?: ReactNode
  /** The most digits behind the point. */
  decimals: number
}

/**
 * A decimal. Arrow keys step, the wheel does nothing, "1,234.50" is understood, and what can be read in two ways is
 * refused in words. The text stays as it was typed until the value changes from outside.
 */
export function NumberInput(props: NumberInputProps) {
  const { value, onChange, step, min, max, unit, decimals, describedBy, invalid, className, onKeyDown, ...rest } = props
  const { t, i18n } = useTranslation()
  const [typed, setTyped] = useState({ text: forTyping(value, i18n.language), value, refused: "" })
  const shown = typed.value === value ? typed : { text: forTyping(value, i18n.language), value, refused: "" }

  const read = (text: string): void => {
    const found = readTyped(text, i18n.language)
    const refused = "refused" in found ? found.refused : tooFine(found.value, decimals) ? "too_fine" : ""
    const next = "value" in found && refused === "" ? found.value : ""
    setTyped({ text, value: next, refused })
    if (next !== value) onChange(next)
  }
  const keys = (event: KeyboardEvent<HTMLInputElement>): void => {
    onKeyDown?.(event)
    const by = STEPS[event.key]
    if (by === undefined || event.defaultPrevented || rest.readOnly) return
    event.preventDefault()
    onChange(stepped({ value, step, times: by * (event.shiftKey ? 10 : 1), min, max }))
  }
  return (
    <div className="relative min-w-0">
      <input
        {...rest}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        dir="ltr"
        value={shown.text}
        aria-describedby={describedBy}
        aria-invalid={invalid || shown.refused !== "" || undefined}
        onChange={(event) => read(event.target.value)}
        onKeyDown={keys}
        className={cx(INPUT_CLASSES, "num text-end", unit !== undefined && "pe-16", className)}
        style={{ ...rest.style, unicodeBidi: "normal" }}
      />
      {unit !== undefined && (
        <span className="pointer-events-none absolute top-0 right-3 flex h-9 max-w-12 items-center truncate text-12 text-muted">
          {unit}
        </span>
      )}
      <p role="status" className={shown.refused === "" ? "sr-only" : "mt-1 text-12 text-danger"}>
        {shown.refused === "" ? "" : t(`input.refused.${shown.refused}`, { count: decimals })}
      </p>
    </div>
  )
}

const STEPS: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }

function tooFine(value: string, decimals: number): boolean {
  return (value.split(".")[1]?.replace(/0+$/, "").length ?? 0) > decimals
}
