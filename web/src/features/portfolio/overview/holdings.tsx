/** What there is of each asset: quantity, cost, price, value, gain, share. A table on wide screens, cards on a phone. */

import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { DataTable } from "@/components/data-table"
import type { Portfolio, PortfolioAsset } from "../data"
import { MethodSwitch } from "../method-switch"
import { isZero } from "../money"
import { Part } from "../part"
import { HoldingCards } from "./holding-cards"
import { useHoldingColumns } from "./holding-columns"

interface Props {
  portfolio: Portfolio | undefined
  /** The numbers are still those of the other method. */
  waits: boolean
}

const NONE: readonly PortfolioAsset[] = []

export function Holdings({ portfolio, waits }: Props) {
  const { t } = useTranslation("portfolio")
  const rows = useMemo(() => portfolio?.assets.filter((each) => !isZero(each.quantity)) ?? NONE, [portfolio])
  const columns = useHoldingColumns(portfolio?.reference ?? "")
  return (
    <Part title={t("holdings.title")} aside={<MethodSwitch />}>
      <div aria-busy={waits || undefined} className={cx("min-w-0 border-t border-line", waits && "opacity-60")}>
        <DataTable
          caption={t("holdings.title")}
          columns={columns}
          rows={rows}
          rowKey={(asset) => asset.asset}
          loading={portfolio === undefined}
          empty={<p className="px-2 py-6 text-13 text-muted">{t("holdings.none")}</p>}
          className="max-md:hidden"
        />
        <HoldingCards assets={rows} reference={portfolio?.reference ?? ""} />
      </div>
    </Part>
  )
}
