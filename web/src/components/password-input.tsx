import { Eye, EyeOff } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { TextInput, type TextInputProps } from "./text-input"

/** A password, with a button that shows it. Give `autoComplete` ("current-password" or "new-password"). */
export function PasswordInput({ className, ...rest }: Omit<TextInputProps, "type">) {
  const { t } = useTranslation()
  const [shown, show] = useState(false)
  const Icon = shown ? EyeOff : Eye
  return (
    <div className="relative">
      <TextInput
        {...rest}
        type={shown ? "text" : "password"}
        spellCheck={false}
        autoCapitalize="off"
        className={`pe-10 ${className ?? ""}`}
      />
      <button
        type="button"
        aria-pressed={shown}
        aria-label={t("input.showPassword")}
        onClick={() => show(!shown)}
        className="absolute inset-y-1 end-1 grid w-8 place-items-center rounded-input text-muted hover:text-text"
      >
        <Icon aria-hidden size={16} strokeWidth={1.5} />
      </button>
    </div>
  )
}
