/** Columns of the tables below: what they show, and what they say in a CSV file. */

import type { Column } from "@/components/data-table"

export interface TradeColumn<T> extends Column<T> {
  /** Its name in the choice of columns; columns without one are always there. */
  name?: string
  /** What a CSV file has; without it the column is not in the file. */
  csv?: (row: T) => string
}

/** Rows as lines of a CSV file, with the keys of the columns as names. */
export function csvOf<T>(columns: readonly TradeColumn<T>[], rows: readonly T[]): [string[], string[][]] {
  const told = columns.filter((column) => column.csv !== undefined)
  return [told.map((column) => column.key), rows.map((row) => told.map((column) => column.csv?.(row) ?? ""))]
}
