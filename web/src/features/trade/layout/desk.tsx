/** The terminal on a wide window: chart, book with tape, ticket; orders below. Panels resize, fold and remember. */

import type { Market } from "@cse/core"
import { useTranslation } from "react-i18next"
import { BookPanel } from "../book/book-panel"
import { ChartPanel } from "../chart/chart-panel"
import { BottomPanel } from "../orders/bottom-panel"
import { type Sizes, useTradeSettings } from "../settings"
import { TapeTabs } from "../tape/tape-tabs"
import { TicketPanel } from "../ticket/ticket"
import { Splitter } from "./splitter"

/** The least and the most of each panel, pixels. */
const LIMITS: Readonly<Record<keyof Sizes, readonly [number, number]>> = {
  book: [240, 560],
  ticket: [260, 420],
  tape: [120, 480],
  bottom: [120, 480],
}

export function Desk({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  const { sizes, bottomFolded, bookFolded, set } = useTradeSettings()
  const line = (name: keyof Sizes, orientation: "vertical" | "horizontal") => (
    <Splitter
      label={t(`layout.resize.${name}`)}
      orientation={orientation}
      sizes="after"
      value={sizes[name]}
      min={LIMITS[name][0]}
      max={LIMITS[name][1]}
      onChange={(value) => set({ sizes: { ...sizes, [name]: value } })}
    />
  )
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 bg-surface">
          <ChartPanel market={market} />
        </div>
        {!bookFolded && (
          <>
            {line("book", "vertical")}
            <div className="flex min-h-0 shrink-0 flex-col" style={{ width: sizes.book }}>
              <div className="min-h-0 flex-1">
                <BookPanel market={market} />
              </div>
              {line("tape", "horizontal")}
              <div className="min-h-24 shrink" style={{ height: sizes.tape }}>
                <TapeTabs market={market} />
              </div>
            </div>
          </>
        )}
        {line("ticket", "vertical")}
        <div className="min-h-0 shrink-0 overflow-y-auto bg-surface" style={{ width: sizes.ticket }}>
          <TicketPanel market={market} />
        </div>
      </div>
      {bottomFolded ? <div className="h-px shrink-0 bg-line" /> : line("bottom", "horizontal")}
      <div className="shrink-0" style={bottomFolded ? {} : { height: sizes.bottom }}>
        <BottomPanel market={market} />
      </div>
    </div>
  )
}
