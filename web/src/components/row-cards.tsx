/** The rows of a table as cards, where its columns have no room: what leads in a line, the rest under their names. */

import { Skeleton } from "./skeleton"
import type { Column, TableProps } from "./table-columns"
import { cx } from "./class-names"

export interface RowCardsProps<T> extends Pick<TableProps<T>, "columns" | "rows" | "rowKey" | "empty" | "loading" | "caption" | "className"> {
  /** Keys of the columns that stand in the first line, without their names. */
  lead?: ReadonlySet<string> | undefined
}

const LEAD: ReadonlySet<string> = new Set(["side", "market", "asset", "type", "kind", "status", "role", "liquidity"])
const PENDING = 4

export function RowCards<T>({ columns, rows, rowKey, empty, loading, caption, className, lead = LEAD }: RowCardsProps<T>) {
  if (rows.length === 0 && !loading) return empty
  const leading = columns.filter(({ key }) => lead.has(key))
  const facts = columns.filter(({ key }) => !lead.has(key))
  return (
    // oxlint-disable-next-line jsx-a11y/no-redundant-roles -- Safari forgets lists without bullets
    <ul role="list" aria-label={caption} aria-busy={loading || undefined} className={cx("overflow-y-auto", className)}>
      {rows.length === 0
        ? Array.from({ length: PENDING }, (_, at) => <PendingCard key={at} />)
        : rows.map((row) => (
            <li key={rowKey(row)} className="border-b border-line px-3 py-2 text-12">
              <p className="flex flex-wrap items-center gap-x-2">
                {leading.map((column) => (
                  <span key={column.key}>{column.cell(row)}</span>
                ))}
              </p>
              <dl className="mt-1 grid grid-cols-3 gap-x-2 gap-y-1">
                {facts.map((column) => (
                  <Fact key={column.key} column={column} row={row} />
                ))}
              </dl>
            </li>
          ))}
    </ul>
  )
}

function Fact<T>({ column, row }: { column: Column<T>; row: T }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-11 text-muted">{column.header}</dt>
      <dd className="break-words">{column.cell(row)}</dd>
    </div>
  )
}

function PendingCard() {
  return (
    <li className="border-b border-line px-3 py-2">
      <Skeleton h={12} w="50%" />
      <Skeleton h={28} w="90%" className="mt-2" />
    </li>
  )
}
