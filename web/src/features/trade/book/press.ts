/**
 * A press on a row of the book counts only if the row still shows the same price when it is released: rows change ten
 * times a second, and a person must not trade at a price that slid under the pointer.
 */
export class Press {
  #row: object | null = null
  #price = ""

  /** The pointer (or a finger) went down on a row that shows this price. */
  begin(row: object, price: string): void {
    this.#row = row
    this.#price = price
  }

  /** It was let go on a row that shows this price: whether that is a click. Counts once. */
  end(row: object, price: string): "click" | "moved" | "elsewhere" {
    const [began, before] = [this.#row, this.#price]
    this.#row = null
    if (began !== row) return "elsewhere"
    return before === price && price !== "" ? "click" : "moved"
  }
}
