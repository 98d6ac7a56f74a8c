import { Check } from "lucide-react"
import { DropdownMenu } from "radix-ui"
import { cx } from "./class-names"
import { FLOATING_CLASSES } from "./control-classes"
import type { MenuItem, MenuProps } from "./menu"

/** A menu that is open at first. */
export default function OpenedMenu({ trigger, items, align = "end", className }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={cx(FLOATING_CLASSES, "fade z-50 max-h-[80dvh] min-w-52 overflow-y-auto p-1 text-13", className)}
        >
          {items.map((item, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- a menu's items have their places
            <Entry key={at} item={item} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

const ROW =
  "flex h-8 w-full cursor-default items-center gap-2 rounded-input px-2 outline-none data-[highlighted]:bg-chosen data-[disabled]:opacity-45"

function Entry({ item }: { item: MenuItem }) {
  if ("separator" in item) return <DropdownMenu.Separator className="my-1 h-px bg-line" />
  if ("heading" in item) {
    return <DropdownMenu.Label className="px-2 pt-2 pb-1 text-11 text-muted">{item.heading}</DropdownMenu.Label>
  }
  const inner = (
    <>
      {item.icon !== undefined && <span className="grid w-4 place-items-center text-muted">{item.icon}</span>}
      <span className="min-w-0 flex-1 truncate">{item.label}</span>
      {item.aside !== undefined && <span className="ps-4 text-12 text-muted">{item.aside}</span>}
      {item.checked !== undefined && (
        <span className="grid w-4 place-items-center">
          {item.checked && <Check aria-hidden size={14} strokeWidth={1.5} />}
        </span>
      )}
    </>
  )
  const shared = { disabled: item.disabled ?? false, className: cx(ROW, item.danger && "text-danger") }
  if (item.checked === undefined) {
    return (
      <DropdownMenu.Item {...shared} onSelect={item.onSelect}>
        {inner}
      </DropdownMenu.Item>
    )
  }
  return (
    <DropdownMenu.CheckboxItem {...shared} checked={item.checked} onCheckedChange={item.onSelect}>
      {inner}
    </DropdownMenu.CheckboxItem>
  )
}
