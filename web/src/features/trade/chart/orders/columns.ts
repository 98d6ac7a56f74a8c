/** Keeps labels of lines that are near each other apart. */

/** Closer than this, labels would cover each other; CSS pixels. */
export const LABEL_PX = 26

/** Gives each place (from the top) a column, so that of labels that would meet no two have the same. */
export function columnsOf(places: readonly number[]): number[] {
  const columns = places.map(() => 0)
  const order = places.map((_, index) => index).sort((one, other) => (places[one] ?? 0) - (places[other] ?? 0))
  const last: number[] = [] // where the lowest label of each column stands
  for (const index of order) {
    const y = places[index] ?? 0
    const free = last.findIndex((taken) => y - taken >= LABEL_PX)
    const column = free < 0 ? last.length : free
    last[column] = y
    columns[index] = column
  }
  return columns
}
