/** Value over time: how far back, the numbers at the pointer, the lines or their table. */

import { ChartLine, Table2 } from "lucide-react"
import { lazy, Suspense, useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { cx } from "@/components/class-names"
import { ErrorState } from "@/components/error-state"
import { SegmentedControl } from "@/components/segmented-control"
import { Skeleton } from "@/components/skeleton"
import type { Point, PortfolioHistory, Range } from "../data"
import { Part } from "../part"
import { usePortfolioSettings } from "../settings"
import { PointsTable } from "./points-table"
import { Readout } from "./readout"
import { RANGES, type ValuesState } from "./use-range"

const Canvas = lazy(() => import("./canvas"))

export function Values({ values, reference }: { values: ValuesState; reference: string }) {
  const { t } = useTranslation("portfolio")
  const [point, setPoint] = useState<Point | null>(null)
  const [asTable, setAsTable] = useState(false)
  const history = values.history
  return (
    <Part
      title={t("chart.title")}
      aside={
        <>
          <RangeChoice range={values.range} />
          <Button size="sm" variant="ghost" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? <ChartLine aria-hidden size={14} strokeWidth={1.5} /> : <Table2 aria-hidden size={14} strokeWidth={1.5} />}
            {asTable ? t("chart.asChart") : t("chart.asTable")}
          </Button>
        </>
      }
    >
      <Readout point={point ?? history?.points.at(-1) ?? null} reference={reference} />
      <div className={cx("h-56 border-y border-line sm:h-72", values.waits && "opacity-60")} aria-busy={values.waits || undefined}>
        {history ? (
          <Drawing history={history} asTable={asTable} onPoint={setPoint} />
        ) : values.error ? (
          <ErrorState problem={values.error} onRetry={values.retry} />
        ) : (
          <Skeleton w="100%" h="100%" />
        )}
      </div>
      <Attribution />
    </Part>
  )
}

interface DrawingProps {
  history: PortfolioHistory
  asTable: boolean
  onPoint: (point: Point | null) => void
}

function Drawing({ history, asTable, onPoint }: DrawingProps) {
  const { t } = useTranslation("portfolio")
  const { points, reference, range } = history
  const caption = `${t("chart.title")}, ${t(`ranges.${range}`)}`
  if (asTable) return <PointsTable points={points} reference={reference} caption={caption} />
  if (points.length < 2) return <p className="grid h-full place-items-center px-4 text-center text-13 text-muted">{t("chart.tooYoung")}</p>
  return (
    <Suspense fallback={<Skeleton w="100%" h="100%" />}>
      <Canvas points={points} label={caption} onPoint={onPoint} />
    </Suspense>
  )
}

function RangeChoice({ range }: { range: Range }) {
  const { t } = useTranslation("portfolio")
  const { set } = usePortfolioSettings()
  const options = RANGES.map((value) => ({ value, label: <abbr title={t(`ranges.${value}`)} className="no-underline">{t(`rangesShort.${value}`)}</abbr> }))
  return <SegmentedControl<Range> size="sm" label={t("chart.range")} value={range} onChange={(next) => set({ range: next })} options={options} />
}

/** The library's licence asks for this link. */
function Attribution() {
  const { t } = useTranslation("portfolio")
  return (
    <p className="text-11 text-muted">
      <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer" className="underline underline-offset-2 hover:text-text">
        {t("chart.attribution")}
      </a>
    </p>
  )
}
