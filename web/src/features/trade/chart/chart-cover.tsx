/** What lies over a chart without candles: loading, no trades yet, not loaded. */

import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import type { ChartEngine } from "./engine/chart-engine"
import { useChartState } from "./use-engine"

export function ChartCover({ engine }: { engine: ChartEngine }) {
  const { t } = useTranslation("chart")
  const state = useChartState(engine)
  if (state.kind === "live" || state.kind === "past") return null
  return (
    <div className="pointer-events-none absolute inset-0 z-10 grid place-items-center">
      {state.kind === "loading" && <p className="text-12 text-muted">{t("loading")}</p>}
      {state.kind === "empty" && <EmptyState title={t("empty.title")} body={t("empty.body")} />}
      {state.kind === "before" && <EmptyState title={t("empty.then")} body={t("empty.thenBody")} />}
      {state.kind === "failed" && (
        <div className="pointer-events-auto">
          <ErrorState problem={state.problem} onRetry={() => engine.reload(null)} />
        </div>
      )}
    </div>
  )
}
