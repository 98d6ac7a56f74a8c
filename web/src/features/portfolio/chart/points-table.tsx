/** The points of the chart as a table, newest first: the same numbers for who cannot see or point. */

import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { DataTable } from "@/components/data-table"
import { Money } from "@/components/money"
import { Time } from "@/components/time"
import type { Point } from "../data"
import { Gain } from "../gain"

export function PointsTable({ points, reference, caption }: { points: readonly Point[]; reference: string; caption: string }) {
  const { t } = useTranslation("portfolio")
  const rows = useMemo(() => points.toReversed(), [points])
  return (
    <DataTable
      caption={caption}
      focusable
      rows={rows}
      rowKey={(point) => point.time}
      className="h-full"
      columns={[
        { key: "time", header: t("chart.at"), cell: ({ time }) => <Time at={time} className="num text-muted" /> },
        { key: "value", header: t("chart.value"), align: "end", cell: ({ value }) => <Money value={value} asset={reference} /> },
        {
          key: "deposits",
          header: t("chart.deposits"),
          align: "end",
          className: "max-sm:hidden",
          cell: ({ net_deposits }) => <Money value={net_deposits} asset={reference} />,
        },
        { key: "profit", header: t("chart.profit"), align: "end", cell: ({ profit }) => <Gain value={profit} asset={reference} /> },
      ]}
    />
  )
}
