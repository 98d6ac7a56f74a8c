/** The newest candles as a table: for who cannot see the chart, or wants to copy them. */

import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { useMarket } from "@/app/data/markets"
import { Dialog } from "@/components/dialog"
import type { ChartEngine } from "../engine/chart-engine"
import type { Zone } from "../engine/look"
import { readingOf, timeOf } from "../engine/reading"

const ROWS = 100
const COLUMNS = ["open", "high", "low", "close", "change", "volume"] as const

export interface CandleTableProps {
  engine: ChartEngine
  market: string
  zone: Zone
  onClose: () => void
}

export function CandleTable({ engine, market: name, zone, onClose }: CandleTableProps) {
  const { t, i18n } = useTranslation("chart")
  const { market } = useMarket(name)
  const locale = i18n.language
  const rows = useMemo(() => {
    const bars = engine.bars.slice(-ROWS - 1)
    if (!market) return []
    return bars.slice(-ROWS).map((bar, index) => {
      const before = bars[index - (bars.length > ROWS ? 0 : 1)]
      return { time: bar.timestamp, ...readingOf(bar, before, market, locale) }
    })
  }, [engine, market, locale])
  return (
    <Dialog open onOpenChange={onClose} size="lg" title={t("table.title", { market: name })} description={t("table.body", { count: rows.length })}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls takes the keyboard */}
      <div role="region" aria-label={t("table.title", { market: name })} tabIndex={0} className="overflow-x-auto">
        <table className="num w-full text-12">
          <thead className="text-muted">
            <tr>
              <th className="py-1 text-start font-normal">{t("table.time")}</th>
              {COLUMNS.map((column) => (
                <th key={column} className="ps-3 text-end font-normal">
                  {t(`legend.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.toReversed().map((row) => (
              <tr key={row.time} className="border-t border-line">
                <th scope="row" className="py-1 text-start font-normal whitespace-nowrap">
                  {timeOf(row.time, zone, locale)}
                </th>
                {COLUMNS.map((column) => (
                  <td key={column} className="ps-3 text-end">
                    {row[column]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  )
}
