/** What the panel's buttons (columns, CSV) need of the table that is shown. */

import { useEffect, useEffectEvent } from "react"
import { create } from "zustand"
import { saveFile } from "@/app/download"
import { csv } from "./csv"
import { csvOf, type TradeColumn } from "./trade-column"

export interface TableHandle {
  table: string
  /** Columns that can be hidden. */
  choices: readonly { key: string; name: string }[]
  rows: number
  /** Saves all of it, where the exchange has the file; else the rows that are loaded. Throws ApiProblem. */
  save: () => Promise<void>
}

export const useShownTable = create<{ handle: TableHandle | null }>(() => ({ handle: null }))

/** Tells the buttons of the caller's table while it is mounted. */
export function useTableHandle<T>(
  table: string,
  columns: readonly TradeColumn<T>[],
  rows: readonly T[],
  whole: (() => Promise<Blob>) | undefined,
): void {
  const ask = useEffectEvent(async () => whole?.())
  useEffect(() => {
    const choices = columns.flatMap(({ key, name }) => (name === undefined ? [] : [{ key, name }]))
    const name = `${table}-${new Date().toISOString().slice(0, 10)}.csv`
    const save = async (): Promise<void> => saveFile(name, (await ask()) ?? csv(...csvOf(columns, rows)))
    useShownTable.setState({ handle: { table, choices, rows: rows.length, save } })
  }, [table, columns, rows])
  useEffect(() => () => useShownTable.setState({ handle: null }), [])
}
