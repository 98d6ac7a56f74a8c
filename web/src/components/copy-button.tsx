import { Check, Copy } from "lucide-react"
import { useTranslation } from "react-i18next"
import { Button } from "./button"
import { useCopy } from "./use-copy"

/** A button with words that copies a longer text, such as a program. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation()
  const { state, copy } = useCopy(text)
  const Icon = state === "copied" ? Check : Copy
  return (
    <span className="inline-flex">
      <Button size="sm" variant="secondary" onClick={() => void copy()}>
        <Icon aria-hidden size={14} strokeWidth={1.5} />
        {label}
      </Button>
      <span role="status" className="sr-only">
        {state === "idle" ? "" : t(state === "copied" ? "action.copied" : "action.copyRefused")}
      </span>
    </span>
  )
}
