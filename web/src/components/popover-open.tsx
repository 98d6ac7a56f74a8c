import { Popover as Radix } from "radix-ui"
import { cx } from "./class-names"
import { FLOATING_CLASSES } from "./control-classes"
import type { PopoverProps } from "./popover"

/** A panel that is open at first, or as its caller says. */
export default function OpenedPopover({ trigger, label, children, align = "end", open, onOpenChange, className }: PopoverProps) {
  return (
    <Radix.Root {...(open === undefined ? { defaultOpen: true } : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={cx(FLOATING_CLASSES, "fade z-50 w-72 p-4 text-13", className)}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
