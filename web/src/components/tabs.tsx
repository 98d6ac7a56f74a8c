import { Tabs as Radix } from "radix-ui"
import type { ReactNode } from "react"
import { cx } from "./class-names"

export interface Tab<V extends string> {
  value: V
  label: ReactNode
  /** How many there are, beside the label. */
  count?: number | undefined
}

export interface TabsProps<V extends string> {
  value: V
  onChange: (value: V) => void
  items: readonly Tab<V>[]
  /** What the tabs are of, for screen readers. */
  label?: string | undefined
  size?: "sm" | "md" | undefined
  /** At the end of the row of tabs: switches, actions. */
  aside?: ReactNode
  className?: string | undefined
  /** The chosen tab's panel; a caller that shows it elsewhere leaves it out. */
  children?: ReactNode
}

/** Tabs in one hairlined row; arrow keys move between them. */
export function Tabs<V extends string>(props: TabsProps<V>) {
  const { value, onChange, items, label, size = "md", aside, className, children } = props
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as V)} className={className}>
      <div className="flex items-stretch justify-between gap-3 border-b border-line">
        <Radix.List aria-label={label} className="-mb-px flex min-w-0 gap-4 overflow-x-auto overflow-y-hidden">
          {items.map((item) => (
            <Radix.Trigger
              key={item.value}
              value={item.value}
              // Without a panel here there is nothing to point to.
              {...(children === undefined ? { "aria-controls": undefined } : {})}
              className={cx(
                "inline-flex shrink-0 items-center gap-1.5 border-b-2 border-transparent whitespace-nowrap text-muted",
                "transition-colors duration-120 -outline-offset-2 hover:text-text",
                "data-[state=active]:border-text data-[state=active]:text-text",
                size === "sm" ? "h-8 text-12" : "h-10 text-13",
              )}
            >
              {item.label}
              {item.count !== undefined && <span className="num text-11 text-muted">{item.count}</span>}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {aside !== undefined && <div className="flex shrink-0 items-center gap-2">{aside}</div>}
      </div>
      {children !== undefined && (
        <Radix.Content value={value} className="-outline-offset-2">
          {children}
        </Radix.Content>
      )}
    </Radix.Root>
  )
}
