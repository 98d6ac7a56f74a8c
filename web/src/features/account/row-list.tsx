/** A few things of one's own, one a row: what it is, what there is to know of it, what can be done; fits a phone. */

import type { ReactNode } from "react"

export function RowList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="flex flex-col divide-y divide-line border-y border-line">
      {children}
    </ul>
  )
}

interface RowProps {
  title: ReactNode
  facts: ReactNode
  /** Buttons, at the end of the row. */
  acts?: ReactNode
}

export function Row({ title, facts, acts }: RowProps) {
  return (
    <li className="flex min-h-14 flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5">
      <div className="flex min-w-0 flex-1 basis-52 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2 text-14 font-medium wrap-anywhere">{title}</p>
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-12 text-muted">{facts}</p>
      </div>
      {acts}
    </li>
  )
}
