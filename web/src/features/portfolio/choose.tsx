/** The choice of one market or asset, or all of them. */

import { useTranslation } from "react-i18next"
import { useAssets, useMarkets } from "@/app/data/markets"
import { Select } from "@/components/select"

/** Which one is chosen; null: all. */
interface Props {
  value: string | null
  onChange: (value: string | null) => void
}

const ALL = ""

export function ChooseMarket({ value, onChange }: Props) {
  const { t } = useTranslation("portfolio")
  const { markets } = useMarkets()
  const options = [{ value: ALL, label: t("filter.allMarkets") }, ...markets.map(({ market }) => ({ value: market, label: market.replace("-", " / ") }))]
  return <Select size="sm" label={t("filter.market")} value={value ?? ALL} onChange={(next) => onChange(next === ALL ? null : next)} options={options} />
}

export function ChooseAsset({ value, onChange }: Props) {
  const { t } = useTranslation("portfolio")
  const assets = useAssets()
  const options = [{ value: ALL, label: t("filter.allAssets") }, ...assets.map(({ asset }) => ({ value: asset, label: asset }))]
  return <Select size="sm" label={t("filter.asset")} value={value ?? ALL} onChange={(next) => onChange(next === ALL ? null : next)} options={options} />
}
