/** What made the profit since the beginning, asset by asset: realised, unrealised, by moves, fees. The last row is the sum. */

import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { type Column, DataTable } from "@/components/data-table"
import { Price } from "@/components/price"
import type { Portfolio } from "../data"
import { Gain } from "../gain"
import { Part } from "../part"
import { AssetName } from "./holding-columns"

interface Earned {
  /** null: the sum. */
  asset: string | null
  realised: string
  unrealised: string | null
  realised_by_moves: string
  fees_value: string
}

const AMOUNTS = ["unrealised", "realised", "realised_by_moves"] as const

export function EarnedTable({ portfolio, waits }: { portfolio: Portfolio | undefined; waits: boolean }) {
  const { t } = useTranslation("portfolio")
  const reference = portfolio?.reference ?? ""
  const rows = useMemo((): readonly Earned[] => {
    if (!portfolio) return []
    return [...portfolio.assets, { asset: null, ...portfolio.total }]
  }, [portfolio])
  const columns: readonly Column<Earned>[] = [
    {
      key: "asset",
      header: t("holdings.asset"),
      cell: ({ asset }) => (asset === null ? <span className="font-medium">{t("earned.sum")}</span> : <AssetName asset={asset} reference={reference} />),
    },
    ...AMOUNTS.map((key) => ({
      key,
      header: t(`earned.${key}`),
      align: "end" as const,
      className: key === "realised_by_moves" ? "max-md:hidden" : undefined,
      cell: (row: Earned) => <Gain value={row[key]} className={row.asset === null ? "font-medium" : undefined} />,
    })),
    {
      key: "fees",
      header: t("earned.fees"),
      align: "end",
      className: "max-md:hidden",
      cell: ({ fees_value }) => <Price value={fees_value} />,
    },
  ]
  return (
    <Part title={t("earned.title")} about={t("earned.about", { reference })}>
      <DataTable
        caption={t("earned.title")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.asset ?? ""}
        loading={portfolio === undefined}
        className={cx("border-t border-line", waits && "opacity-60")}
      />
    </Part>
  )
}
