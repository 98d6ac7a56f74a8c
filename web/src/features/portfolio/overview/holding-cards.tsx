/** The holdings on a phone: a card each. */

import { formatDecimal, formatPpm } from "@cse/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { Change } from "@/components/change"
import { Price } from "@/components/price"
import type { PortfolioAsset } from "../data"
import { Gain } from "../gain"
import { AssetName, Basis, NoPrice } from "./holding-columns"

interface Props {
  assets: readonly PortfolioAsset[]
  reference: string
}

export function HoldingCards({ assets, reference }: Props) {
  return (
    <ul className="md:hidden">
      {assets.map((asset) => (
        <Card key={asset.asset} asset={asset} reference={reference} />
      ))}
    </ul>
  )
}

function Card({ asset, reference }: { asset: PortfolioAsset; reference: string }) {
  const { t, i18n } = useTranslation("portfolio")
  return (
    <li className="flex flex-col gap-2 border-b border-line py-3 text-13">
      <div className="flex items-baseline justify-between gap-3">
        <span className="flex items-center gap-2 text-14">
          <AssetName asset={asset.asset} reference={reference} />
          <Basis basis={asset.basis} />
        </span>
        {asset.value === null ? (
          <NoPrice />
        ) : (
          <span className="num font-medium">
            {formatDecimal(asset.value, i18n.language)}
            <span className="text-muted"> {reference}</span>
          </span>
        )}
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-1.5 text-12">
        <Fact label={t("holdings.quantity")}>
          <Price value={asset.quantity} />
        </Fact>
        <Fact label={t("holdings.unrealised")}>
          <Gain value={asset.unrealised} /> <Change from={null} to={null} ppm={asset.unrealised_ppm} />
        </Fact>
        <Fact label={t("holdings.averageCost")}>
          <Price value={asset.average_cost} />
        </Fact>
        <Fact label={t("holdings.price")}>
          <Price value={asset.last_price} />
        </Fact>
        <Fact label={t("holdings.share")}>
          <span className="num">{asset.allocation_ppm === null ? "–" : formatPpm(asset.allocation_ppm, i18n.language, false)}</span>
        </Fact>
      </dl>
    </li>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-11 text-muted">{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
