/** Two columns: chart and orders beside book and ticket. */

import type { Market } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Tabs } from "@/components/tabs"
import { BookPanel } from "../book/book-panel"
import { ChartPanel } from "../chart/chart-panel"
import { BottomPanel } from "../orders/bottom-panel"
import { TapeTabs } from "../tape/tape-tabs"
import { TicketPanel } from "../ticket/ticket"

type Side = "trade" | "book"

export function Tablet({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  const [side, setSide] = useState<Side>("trade")
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[1fr_19rem]">
      <div className="flex min-h-0 min-w-0 flex-col">
        <div className="min-h-0 flex-[3] bg-surface">
          <ChartPanel market={market} />
        </div>
        <div className="min-h-0 flex-[2] border-t border-line">
          <BottomPanel market={market} foldable={false} />
        </div>
      </div>
      <div className="flex min-h-0 flex-col border-s border-line bg-surface">
        <Tabs
          label={t("layout.side")}
          value={side}
          onChange={setSide}
          items={[
            { value: "trade", label: t("phone.trade") },
            { value: "book", label: t("phone.book") },
          ]}
          className="shrink-0 px-3"
        />
        {side === "trade" ? (
          <div className="min-h-0 flex-1 overflow-y-auto">
            <TicketPanel market={market} />
          </div>
        ) : (
          <div className="flex min-h-0 flex-1 flex-col">
            <div className="min-h-0 flex-[3]">
              <BookPanel market={market} onTaken={() => setSide("trade")} />
            </div>
            <div className="min-h-0 flex-[2] border-t border-line">
              <TapeTabs market={market} />
            </div>
          </div>
        )}
      </div>
    </div>
  )
}
