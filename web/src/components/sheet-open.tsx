import { Dialog as Radix } from "radix-ui"
import { cx } from "./class-names"
import { DialogHead } from "./dialog-open"
import type { SheetProps } from "./sheet"

/** See sheet.tsx. */
export default function OpenedSheet({ open, onOpenChange, title, description, side = "bottom", children }: SheetProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed z-50 flex flex-col border-line-strong bg-surface pb-[env(safe-area-inset-bottom)] text-text shadow-float",
            side === "bottom" && "rise inset-x-0 bottom-0 max-h-[90dvh] rounded-t-popover border-t",
            side === "end" && "slide-end inset-y-0 end-0 w-[min(28rem,100vw)] border-s",
          )}
        >
          <DialogHead title={title} description={description} />
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
