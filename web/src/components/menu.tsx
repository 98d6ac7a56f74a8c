import { lazy, type ReactNode } from "react"
import { OnPress } from "./on-press"

export type MenuItem =
  | { separator: true }
  | { heading: ReactNode }
  | {
      label: ReactNode
      onSelect: () => void
      icon?: ReactNode
      /** Right of the label: a key, a number. */
      aside?: ReactNode
      danger?: boolean | undefined
      disabled?: boolean | undefined
      /** Chosen or not, for a choice in a menu; undefined: no choice. */
      checked?: boolean | undefined
    }

export interface MenuProps {
  /** A real button. */
  trigger: ReactNode
  items: readonly MenuItem[]
  align?: "start" | "center" | "end" | undefined
  className?: string | undefined
}

const load = () => import("./menu-open")
const Opened = lazy(load)

/** Actions behind a button; arrow keys and first letters move. */
export function Menu(props: MenuProps) {
  return (
    <OnPress trigger={props.trigger} kind="menu" load={load}>
      <Opened {...props} />
    </OnPress>
  )
}
