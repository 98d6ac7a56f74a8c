/** Files that the browser saves. What needs the session is asked for by `api` with `parseAs: "blob"`. */

/** The mark at the beginning tells spreadsheets that a text is UTF-8. */
const MARK = "\ufeff"
/** How long a file stays reachable: browsers read it after the press. */
const KEPT_MS = 10_000

/** Hands a text (as CSV) or a file to the browser. */
export function saveFile(name: string, content: string | Blob): void {
  const file = typeof content === "string" ? new Blob([MARK, content], { type: "text/csv;charset=utf-8" }) : content
  const url = URL.createObjectURL(file)
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
}

let last: Promise<unknown> = Promise.resolve()

/** Asks for a file once those before it are there: the exchange sends an account one export at a time (`export_runs`). */
export function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  const mine = last.then(ask, ask)
  last = mine.catch(() => undefined) // whoever asked is told; the next one goes on
  return mine
}
