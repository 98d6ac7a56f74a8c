import { useRef } from "react"
import { cx } from "./class-names"
import { PendingRows } from "./data-table"
import { useRowWindow } from "./row-window"
import { ColumnWidths, scrolledByKeys, TableHead, type TableProps, TableRow, useSorted } from "./table-columns"

export interface VirtualTableProps<T> extends TableProps<T> {
  /** Height of a row, pixels; the density's, unless given. */
  rowHeight?: number | undefined
}

/** A table for thousands of rows: only those in sight are drawn. Give its box a height (`className="h-96"`). */
export function VirtualTable<T>(props: VirtualTableProps<T>) {
  const { columns, rowKey, empty, loading = false, caption, onRow, className, rowHeight } = props
  const { sorted, sorting, press } = useSorted(props)
  const box = useRef<HTMLDivElement>(null)
  const height = rowHeight ?? densityHeight()
  const { from, to } = useRowWindow(box, height, sorted.length)
  return (
    <div ref={box} {...scrolledByKeys(props)} className={cx("min-w-0 overflow-auto -outline-offset-2", className)} style={{ ["--row" as string]: `${height}px` }}>
      <table
        className="w-full table-fixed border-separate border-spacing-0 text-12"
        aria-rowcount={sorted.length + 1}
        aria-busy={loading || undefined}
      >
        <caption className="sr-only">{caption}</caption>
        <ColumnWidths columns={columns} />
        <TableHead columns={columns} sorting={sorting} press={press} />
        <tbody>
          {loading && sorted.length === 0 && <PendingRows columns={columns} />}
          <Space height={from * height} />
          {sorted.slice(from, to).map((row, at) => (
            <TableRow key={rowKey(row)} row={row} columns={columns} onRow={onRow} index={from + at + 2} />
          ))}
          <Space height={(sorted.length - to) * height} />
        </tbody>
      </table>
      {sorted.length === 0 && !loading && empty}
    </div>
  )
}

/** Rows out of sight. */
function Space({ height }: { height: number }) {
  return height <= 0 ? null : <tr aria-hidden style={{ height }} />
}

/** The height of a row in the person's density, px; see tokens.css. */
function densityHeight(): number {
  const said = getComputedStyle(document.documentElement).getPropertyValue("--row")
  return Number.parseInt(said, 10) || 28
}
