/** The row above a chart: interval, type, scale, layouts, and what is done now and then. */

import { Camera, ChartCandlestick, Expand, EllipsisVertical, RotateCcw, Shrink } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { IconButton } from "@/components/icon-button"
import { Menu } from "@/components/menu"
import { IndicatorButton } from "../indicators/indicator-button"
import { CHART_TYPES, SCALES } from "../engine/look"
import type { MarketChart } from "../layouts/schema"
import { changeSettings } from "../layouts/store"
import { LayoutMenu } from "../layouts/layout-menu"
import { savePicture } from "../picture"
import type { Made } from "../use-engine"
import { CandleTable } from "./candle-table"
import { GoToDate } from "./go-to-date"
import { Intervals } from "./intervals"

const ICON = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const

export interface ToolbarProps {
  made: Made
  market: string
  chart: MarketChart
  full: boolean
  onFull: () => void
}

export function Toolbar({ made: { engine }, market, chart, full, onFull }: ToolbarProps) {
  const { t } = useTranslation("chart")
  const [table, setTable] = useState(false)
  const { settings } = chart
  const change = (next: Partial<typeof settings>): void => changeSettings(market, next)
  const more = [
    { heading: t("scale.label") },
    ...SCALES.map((scale) => ({ label: t(`scale.${scale}`), checked: settings.scale === scale, onSelect: () => change({ scale }) })),
    { heading: t("zone.label") },
    { label: t("zone.local"), checked: settings.zone === "local", onSelect: () => change({ zone: "local" }) },
    { label: t("zone.utc"), checked: settings.zone === "utc", onSelect: () => change({ zone: "utc" }) },
    { separator: true as const },
    { label: t("volume"), checked: settings.volume, onSelect: () => change({ volume: !settings.volume }) },
    { label: t("table.open"), onSelect: () => setTable(true) },
  ]
  const types = CHART_TYPES.map((type) => ({ label: t(`type.${type}`), checked: settings.type === type, onSelect: () => change({ type }) }))
  return (
    <div className="flex h-9 items-center gap-1 border-b border-line px-1" role="toolbar" aria-label={t("toolbar")}>
      <Intervals value={settings.interval} onChange={(interval) => change({ interval })} />
      <Menu align="start" trigger={<IconButton size="sm" label={t("type.label", { type: t(`type.${settings.type}`) })} icon={<ChartCandlestick {...ICON} />} />} items={types} />
      <IndicatorButton value={settings.indicators} onChange={(indicators) => change({ indicators })} />
      <span className="flex-1" />
      <LayoutMenu market={market} chart={chart} />
      <GoToDate zone={settings.zone} onGo={(time) => engine.goTo(time)} />
      <IconButton size="sm" label={t("reset")} icon={<RotateCcw {...ICON} />} onClick={() => engine.reset()} />
      <IconButton size="sm" label={t("picture")} icon={<Camera {...ICON} />} className="@max-md:hidden" onClick={() => void savePicture(engine, market, settings)} />
      <IconButton size="sm" label={full ? t("full.leave") : t("full.enter")} icon={full ? <Shrink {...ICON} /> : <Expand {...ICON} />} onClick={onFull} />
      <Menu trigger={<IconButton size="sm" label={t("more")} icon={<EllipsisVertical {...ICON} />} />} items={more} />
      {table && <CandleTable engine={engine} market={market} zone={settings.zone} onClose={() => setTable(false)} />}
    </div>
  )
}
