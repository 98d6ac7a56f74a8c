import type { ReactNode } from "react"
import { cx } from "./class-names"

export interface EmptyStateProps {
  /** What would be here. */
  title: ReactNode
  /** Why there is nothing, and what it would be good for. */
  body?: ReactNode
  /** The one thing to do. */
  action?: ReactNode
  icon?: ReactNode
  className?: string | undefined
}

/** Nothing here yet: what this is, why it is empty, the one thing to do. */
export function EmptyState({ title, body, action, icon, className }: EmptyStateProps) {
  return (
    <div className={cx("mx-auto flex max-w-sm flex-col items-center gap-2 px-4 py-10 text-center", className)}>
      {icon !== undefined && <div className="mb-1 text-faint">{icon}</div>}
      <p className="text-14 font-medium">{title}</p>
      {body ? <p className="text-13 text-muted">{body}</p> : null}
      {action ? <div className="mt-2">{action}</div> : null}
    </div>
  )
}
