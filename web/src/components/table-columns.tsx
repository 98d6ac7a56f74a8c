/** What DataTable and VirtualTable share: columns, sorting, one row. */

import { ArrowDown, ArrowUp } from "lucide-react"
import { type KeyboardEvent, memo, type MouseEvent, type ReactNode, useMemo, useState } from "react"
import { cx } from "./class-names"

export interface Column<T> {
  key: string
  header: ReactNode
  cell: (row: T) => ReactNode
  align?: "start" | "end" | undefined
  /** A CSS width; columns have fixed widths, so that nothing jumps. */
  width?: string | undefined
  /** Orders two rows, the smaller first; with it the header is a button. */
  sort?: ((a: T, b: T) => number) | undefined
  /** Class names of header and cells, such as "max-md:hidden". */
  className?: string | undefined
}

export interface TableProps<T> {
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string | number
  /** What stands there without rows. */
  empty?: ReactNode
  loading?: boolean | undefined
  /** What the table holds, for screen readers. */
  caption: string
  /** A press on a row, or Enter on it. */
  onRow?: ((row: T) => void) | undefined
  /** How it is sorted at first. */
  sorting?: Sorting | undefined
  /** Takes focus, to be scrolled by keys: for tables that scroll and have nothing in them that takes focus. */
  focusable?: boolean | undefined
  /** Class names of what scrolls. */
  className?: string | undefined
}

export interface Sorting {
  key: string
  descending: boolean
}

/** Rows in the order that the person chose, and what a press on a header does. */
export function useSorted<T>(props: TableProps<T>) {
  const [sorting, setSorting] = useState<Sorting | null>(props.sorting ?? null)
  const { rows, columns } = props
  const sorted = useMemo(() => {
    const order = columns.find((column) => column.key === sorting?.key)?.sort
    if (!order || sorting === null) return rows
    return rows.toSorted((a, b) => (sorting.descending ? order(b, a) : order(a, b)))
  }, [rows, columns, sorting])
  const press = (key: string): void =>
    setSorting((was) => (was?.key === key ? { key, descending: !was.descending } : { key, descending: true }))
  return { sorted, sorting, press }
}

/** What lets a box be scrolled by keys. */
export function scrolledByKeys<T>({ focusable = false, caption }: TableProps<T>) {
  return focusable ? ({ tabIndex: 0, role: "region", "aria-label": caption } as const) : {}
}

interface HeadProps<T> {
  columns: readonly Column<T>[]
  sorting: Sorting | null
  press: (key: string) => void
}

/** The header row: sticky, hairlined. */
export function TableHead<T>({ columns, sorting, press }: HeadProps<T>) {
  return (
    <thead className="sticky top-0 z-10 bg-surface text-11 text-muted shadow-hairline">
      <tr>
        {columns.map((column) => {
          const chosen = sorting?.key === column.key
          return (
            <th
              key={column.key}
              scope="col"
              aria-sort={chosen ? (sorting.descending ? "descending" : "ascending") : undefined}
              className={cx("row-h px-2 font-normal", align(column.align), column.className)}
            >
              {column.sort ? (
                <button type="button" onClick={() => press(column.key)} className="inline-flex h-6 items-center gap-0.5 rounded-input hover:text-text">
                  {column.header}
                  <SortArrow state={chosen ? sorting.descending : null} />
                </button>
              ) : (
                column.header
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

function SortArrow({ state }: { state: boolean | null }) {
  const Arrow = state === false ? ArrowUp : ArrowDown
  return <Arrow aria-hidden size={11} strokeWidth={1.5} className={state === null ? "opacity-0" : ""} />
}

interface RowProps<T> {
  row: T
  columns: readonly Column<T>[]
  onRow: ((row: T) => void) | undefined
  index?: number | undefined
}

/**
 * One row of cells; with `onRow` it takes focus, a press and Enter. Drawn anew only for another row, other columns or
 * another `onRow`: a list that scrolls draws what comes into sight, and a tick draws the rows that it changed.
 */
export const TableRow = memo(DrawnRow) as typeof DrawnRow

function DrawnRow<T>({ row, columns, onRow, index }: RowProps<T>) {
  const acts = onRow && {
    tabIndex: 0,
    onClick: (event: MouseEvent<HTMLElement>) => !isOwn(event) && onRow(row),
    onKeyDown: (event: KeyboardEvent) => event.key === "Enter" && event.target === event.currentTarget && onRow(row),
  }
  return (
    <tr
      {...acts}
      aria-rowindex={index}
      className={cx("hover:bg-raised", onRow && "cursor-pointer -outline-offset-2")}
    >
      {columns.map((column) => (
        <td key={column.key} className={cx("row-h truncate border-b border-line px-2", align(column.align), column.className)}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

/** Whether a press was on something of its own: a link, a button, an input. */
function isOwn(event: MouseEvent<HTMLElement>): boolean {
  const target = event.target instanceof Element ? event.target.closest("a,button,input,select,label") : null
  return target !== null && event.currentTarget.contains(target)
}

/** Widths of the columns, for `table-layout: fixed`. */
export function ColumnWidths<T>({ columns }: { columns: readonly Column<T>[] }) {
  return (
    <colgroup>
      {columns.map((column) => (
        <col key={column.key} className={column.className} style={column.width ? { width: column.width } : {}} />
      ))}
    </colgroup>
  )
}

function align(side: "start" | "end" | undefined): string {
  return side === "end" ? "text-end" : "text-start"
}
