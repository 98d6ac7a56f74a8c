import { X } from "lucide-react"
import { Dialog as Radix } from "radix-ui"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"
import { FLOATING_CLASSES } from "./control-classes"
import type { DialogProps } from "./dialog"

const WIDTHS = { sm: "max-w-sm", md: "max-w-lg", lg: "max-w-3xl" }

/** See dialog.tsx. */
export default function OpenedDialog(props: DialogProps) {
  const { open, onOpenChange, title, description, children, footer, size = "md", dismissable = true } = props
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={focusWithin}
          onPointerDownOutside={(event) => !dismissable && event.preventDefault()}
          className={cx(
            FLOATING_CLASSES,
            "rise fixed inset-x-3 top-[max(1rem,10dvh)] z-50 mx-auto flex max-h-[min(44rem,85dvh)] flex-col",
            WIDTHS[size],
          )}
        >
          <DialogHead title={title} description={description} />
          {children !== undefined && <div className="-mt-1 min-h-0 overflow-y-auto px-5 pt-1 pb-5">{children}</div>}
          {footer !== undefined && (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Begins where a person goes on: at what says so (`data-autofocus`), else at the first input, else at the cross. */
export function focusWithin(event: globalThis.Event): void {
  const box = event.target instanceof HTMLElement ? event.target : null
  const first = box?.querySelector<HTMLElement>("[data-autofocus]") ?? box?.querySelector<HTMLElement>("input,select,textarea")
  if (!first) return
  event.preventDefault()
  first.focus()
}

/** Title, description and the cross, as dialogs and sheets have them. */
export function DialogHead({ title, description }: { title: ReactNode; description?: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className="flex items-start gap-3 px-5 pt-4 pb-4">
      <div className="min-w-0 flex-1">
        <Radix.Title className="text-16 font-semibold">{title}</Radix.Title>
        {description ? <Radix.Description className="mt-1 text-13 text-muted">{description}</Radix.Description> : null}
      </div>
      <Radix.Close
        aria-label={t("action.close")}
        className="-me-2 -mt-1 grid size-8 place-items-center rounded-input text-muted hover:bg-chosen hover:text-text"
      >
        <X aria-hidden size={16} strokeWidth={1.5} />
      </Radix.Close>
    </div>
  )
}
