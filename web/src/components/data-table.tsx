import { cx } from "./class-names"
import { Skeleton } from "./skeleton"
import { type Column, ColumnWidths, scrolledByKeys, TableHead, type TableProps, TableRow, useSorted } from "./table-columns"

export type { Column, Sorting, TableProps } from "./table-columns"

/** How many rows of nothing stand there while rows load. */
const PENDING_ROWS = 5

/** A dense table with a sticky header, for up to some hundred rows. */
export function DataTable<T>(props: TableProps<T>) {
  const { columns, rowKey, empty, loading = false, caption, onRow, className } = props
  const { sorted, sorting, press } = useSorted(props)
  const none = sorted.length === 0
  return (
    <div {...scrolledByKeys(props)} className={cx("min-w-0 overflow-auto -outline-offset-2", className)}>
      <table className="w-full border-separate border-spacing-0 text-12" aria-busy={loading || undefined}>
        <caption className="sr-only">{caption}</caption>
        <ColumnWidths columns={columns} />
        <TableHead columns={columns} sorting={sorting} press={press} />
        <tbody>
          {loading && none && <PendingRows columns={columns} />}
          {sorted.map((row) => (
            <TableRow key={rowKey(row)} row={row} columns={columns} onRow={onRow} />
          ))}
        </tbody>
      </table>
      {none && !loading && empty}
    </div>
  )
}

/** Rows of the final height while the real ones load. */
export function PendingRows<T>({ columns }: { columns: readonly Column<T>[] }) {
  return Array.from({ length: PENDING_ROWS }, (_, row) => (
    // oxlint-disable-next-line react/no-array-index-key -- they are all the same
    <tr key={row}>
      {columns.map((column) => (
        <td key={column.key} className={cx("row-h px-2", column.className)}>
          <Skeleton h={10} w={column.align === "end" ? "60%" : "80%"} className={column.align === "end" ? "ms-auto" : ""} />
        </td>
      ))}
    </tr>
  ))
}
