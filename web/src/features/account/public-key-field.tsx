import { useTranslation } from "react-i18next"
import { Field } from "@/components/field"
import { TextInput } from "@/components/text-input"

interface Props {
  value: string
  onChange: (publicKey: string) => void
  error: string | undefined
}

/** The public half of a key pair, pasted. */
export function PublicKeyField({ value, onChange, error }: Props) {
  const { t } = useTranslation("account")
  return (
    <Field label={t("keys.publicKey")} hint={t("keys.publicKeyHint")} error={error}>
      {(ids) => (
        <TextInput {...ids} name="public_key" required dir="ltr" spellCheck={false} autoComplete="off" value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  )
}
