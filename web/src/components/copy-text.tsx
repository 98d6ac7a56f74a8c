import { Check, Copy } from "lucide-react"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"
import { useCopy } from "./use-copy"

export interface CopyTextProps {
  text: string
  /** What is shown in its place, such as a shortened id. */
  shown?: string | undefined
  label?: string | undefined
  className?: string | undefined
}

/** A text that a press copies: ids, keys, addresses. */
export function CopyText({ text, shown, label, className }: CopyTextProps) {
  const { t } = useTranslation()
  const { state, copy } = useCopy(text)
  const Icon = state === "copied" ? Check : Copy
  return (
    <span className={cx("inline-flex max-w-full items-center gap-1 align-bottom", className)}>
      <bdi dir="ltr" className="min-w-0 truncate font-mono select-all">
        {shown ?? text}
      </bdi>
      <button
        type="button"
        aria-label={label ?? t("action.copy")}
        onClick={() => void copy()}
        className="grid size-6 shrink-0 place-items-center rounded-input text-muted hover:text-text"
      >
        <Icon aria-hidden size={13} strokeWidth={1.5} />
      </button>
      <span role="status" className="sr-only">
        {state === "idle" ? "" : t(state === "copied" ? "action.copied" : "action.copyRefused")}
      </span>
    </span>
  )
}
