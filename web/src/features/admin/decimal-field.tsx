/** A field for a decimal that is sent as it is typed: the exchange says what is wrong with it. */

import { unitsOrNull } from "@cse/core"
import { useTranslation } from "react-i18next"
import { Field } from "@/components/field"
import { TextInput } from "@/components/text-input"

/** As many decimals as any asset has. */
const SCALE = 9

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string
}

/** Whether a text is a decimal that is not negative. */
export function isAmount(typed: string): boolean {
  const value = unitsOrNull(typed.trim(), SCALE)
  return value !== null && value >= 0n
}

export function DecimalField({ label, value, onChange, hint }: Props) {
  const { t } = useTranslation("admin")
  const wrong = value !== "" && !isAmount(value)
  return (
    <Field label={label} {...(hint ? { hint } : {})} {...(wrong ? { error: t("notDecimal") } : {})}>
      {(ids) => (
        <TextInput
          id={ids.id}
          aria-describedby={ids.describedBy}
          aria-invalid={ids.invalid}
          inputMode="decimal"
          autoComplete="off"
          dir="ltr"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
