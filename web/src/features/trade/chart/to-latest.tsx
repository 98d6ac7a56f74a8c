/** The way back to the newest candle, where it is out of sight. */

import { ChevronsRight } from "lucide-react"
import { useSyncExternalStore } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import type { ChartEngine } from "./engine/chart-engine"

export function ToLatest({ engine }: { engine: ChartEngine }) {
  const { t } = useTranslation("chart")
  const atEnd = useSyncExternalStore(
    (changed) => {
      const ends = [engine.onPaint(changed), engine.onState(changed)]
      return () => ends.forEach((end) => end())
    },
    () => engine.atEnd || (engine.bars.length === 0 && !engine.inPast),
  )
  if (atEnd) return null
  const go = (): void => (engine.inPast ? engine.reload(null) : engine.chart.scrollToRealTime())
  return (
    <div className="absolute end-20 bottom-8 z-10 bg-surface">
      <Button size="sm" onClick={go}>
        {t("latest")}
        <ChevronsRight size={14} strokeWidth={1.5} aria-hidden />
      </Button>
    </div>
  )
}
