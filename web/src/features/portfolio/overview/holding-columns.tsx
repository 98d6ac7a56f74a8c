/** The columns of the holdings. */

import { compare, formatDecimal, formatPpm } from "@cse/core"
import { Link } from "@tanstack/react-router"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { useMarkets } from "@/app/data/markets"
import { Badge } from "@/components/badge"
import { Change } from "@/components/change"
import type { Column } from "@/components/data-table"
import { Price } from "@/components/price"
import type { PortfolioAsset } from "../data"
import { Gain } from "../gain"

type AssetColumn = Column<PortfolioAsset>
type Say = (key: string, values?: Record<string, string>) => string

/** Orders decimals; what is not known is the smallest. */
export function byDecimal(one: string | null, other: string | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null)
  return compare(one, other)
}

export function useHoldingColumns(reference: string): readonly AssetColumn[] {
  const { t, i18n } = useTranslation("portfolio")
  return useMemo(() => columnsOf(t as Say, i18n.language, reference), [t, i18n.language, reference])
}

function columnsOf(t: Say, locale: string, reference: string): readonly AssetColumn[] {
  const end = { align: "end" as const }
  return [
    {
      key: "asset",
      header: t("holdings.asset"),
      sort: (a, b) => a.asset.localeCompare(b.asset),
      cell: (asset) => <AssetName asset={asset.asset} reference={reference} />,
    },
    {
      key: "quantity",
      header: t("holdings.quantity"),
      ...end,
      cell: ({ quantity }) => <Price value={quantity} />,
    },
    {
      key: "average_cost",
      header: t("holdings.averageCost"),
      ...end,
      cell: (asset) => (
        <span className="inline-flex items-center gap-1.5">
          <Basis basis={asset.basis} />
          <Price value={asset.average_cost} />
        </span>
      ),
    },
    {
      key: "price",
      header: t("holdings.price"),
      ...end,
      cell: ({ last_price }) => (last_price === null ? <NoPrice /> : <Price value={last_price} flash />),
    },
    {
      key: "value",
      header: t("holdings.valueIn", { asset: reference }),
      ...end,
      sort: (a, b) => byDecimal(a.value, b.value),
      cell: ({ value }) => <span className="num font-medium">{value === null ? "–" : formatDecimal(value, locale)}</span>,
    },
    {
      key: "unrealised",
      header: t("holdings.unrealised"),
      ...end,
      sort: (a, b) => byDecimal(a.unrealised, b.unrealised),
      cell: ({ unrealised }) => <Gain value={unrealised} />,
    },
    {
      key: "unrealised_ppm",
      header: "%",
      ...end,
      sort: (a, b) => (a.unrealised_ppm ?? 0) - (b.unrealised_ppm ?? 0),
      cell: ({ unrealised_ppm }) => <Change from={null} to={null} ppm={unrealised_ppm} />,
    },
    {
      key: "share",
      header: t("holdings.share"),
      ...end,
      cell: ({ allocation_ppm }) => (
        <span className="num">{allocation_ppm === null ? "–" : formatPpm(allocation_ppm, locale, false)}</span>
      ),
    },
  ]
}

/** An asset's name; where it is traded for what all is valued in, the way there. */
export function AssetName({ asset, reference }: { asset: string; reference: string }) {
  const { markets } = useMarkets()
  const market = markets.find((each) => each.base === asset && each.quote === reference)
  if (!market) return <span className="font-medium">{asset}</span>
  return (
    <Link to="/trade/$market" params={{ market: market.market }} className="font-medium underline-offset-2 hover:underline">
      {asset}
    </Link>
  )
}

/** How sure a cost is, where it was not simply paid. */
export function Basis({ basis }: { basis: PortfolioAsset["basis"] }) {
  const { t } = useTranslation("portfolio")
  if (basis !== "market" && basis !== "none") return null
  return <Badge>{t(`basis.${basis}`)}</Badge>
}

export function NoPrice() {
  const { t } = useTranslation("portfolio")
  return <Badge kind="warn">{t("unpriced.badge")}</Badge>
}
