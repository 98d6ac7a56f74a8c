import { LoaderCircle } from "lucide-react"
import type { ComponentProps } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"
import { type ButtonSize, type ButtonVariant, buttonClasses } from "./control-classes"

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: ButtonVariant | undefined
  size?: ButtonSize | undefined
  /** What was asked for is under way: it turns, keeps its width and takes no second press. */
  pending?: boolean | undefined
}

/** A button; `type` is "button" unless said otherwise. */
export function Button({ variant, size, pending = false, className, children, onClick, ...rest }: ButtonProps) {
  const { t } = useTranslation()
  return (
    <button
      type="button"
      {...rest}
      aria-busy={pending || undefined}
      aria-disabled={pending || rest["aria-disabled"] || undefined}
      onClick={(event) => (pending ? event.preventDefault() : onClick?.(event))}
      className={buttonClasses(variant, size, className)}
    >
      <span className={cx("inline-flex items-center justify-center gap-[inherit]", pending && "opacity-0")}>
        {children}
      </span>
      {pending && (
        <span className="absolute inset-0 grid place-items-center">
          <LoaderCircle aria-hidden size={16} strokeWidth={1.5} className="animate-spin" />
          <span className="sr-only">{t("state.pending")}</span>
        </span>
      )}
    </button>
  )
}
