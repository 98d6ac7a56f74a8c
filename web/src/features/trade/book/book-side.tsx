/** The rows of one side of the book: drawn once, painted by `use-ladder.ts`. */

import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"

export interface BookSideProps {
  side: "asks" | "bids"
  /** How many rows there is room for. */
  count: number
  /** Height of a row, pixels. */
  rowPx: number
  boxRef: (box: HTMLElement | null) => void
}

const CELL = "num relative z-1 min-w-0 truncate"

export function BookSide({ side, count, rowPx, boxRef }: BookSideProps) {
  const { t } = useTranslation("trade")
  return (
    <div
      ref={boxRef}
      role="listbox"
      aria-label={t(`book.${side}`)}
      data-side={side}
      className={cx("flex min-h-0 flex-col", side === "asks" && "flex-col-reverse")}
    >
      {Array.from({ length: count }, (_, at) => (
        // oxlint-disable-next-line jsx-a11y/control-has-associated-label -- its cells are written by book-dom.ts
        <div
          // oxlint-disable-next-line react/no-array-index-key -- a row is its place
          key={at}
          role="option"
          aria-selected={false}
          tabIndex={at === 0 ? 0 : -1}
          data-at={at}
          data-empty=""
          className="group/row book-row relative grid shrink-0 cursor-pointer grid-cols-[1.1fr_1fr_1fr] items-center gap-2 px-3 text-12 -outline-offset-2 data-empty:invisible data-swept:bg-raised"
          style={{ height: rowPx }}
        >
          <span
            data-bar=""
            aria-hidden
            className={cx("absolute inset-y-px right-0 left-0 origin-right", side === "asks" ? "bg-down/10" : "bg-up/10")}
            style={{ transform: "scaleX(0)" }}
          />
          <span
            aria-hidden
            className="absolute left-1 hidden size-1.5 rotate-45 bg-brand group-data-own/row:block"
          />
          <span data-cell="" className={cx(CELL, side === "asks" ? "text-down" : "text-up")}>
            <span />
            <span className="text-muted" />
          </span>
          <span data-cell="" className={cx(CELL, "text-end")}>
            <span />
            <span className="text-muted" />
          </span>
          <span data-cell="" className={cx(CELL, "text-end text-muted")}>
            <span />
            <span className="text-muted" />
          </span>
        </div>
      ))}
    </div>
  )
}
