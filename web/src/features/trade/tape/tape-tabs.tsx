/** Below the book: trades, or the depth of the market. */

import type { Market } from "@cse/core"
import { lazy, Suspense, useState } from "react"
import { useTranslation } from "react-i18next"
import { Tabs } from "@/components/tabs"
import { TapePanel } from "./tape-panel"

const Depth = lazy(async () => ({ default: (await import("../chart/depth-chart")).DepthChart }))

export function TapeTabs({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  const [tab, setTab] = useState<"trades" | "depth">("trades")
  return (
    <section aria-label={t("tape.title")} className="flex h-full min-h-0 flex-col bg-surface">
      <Tabs
        label={t("tape.title")}
        size="sm"
        value={tab}
        onChange={setTab}
        items={[
          { value: "trades", label: t("tape.trades") },
          { value: "depth", label: t("tape.depth") },
        ]}
        className="shrink-0 px-3 pt-1"
      />
      <div className="min-h-0 flex-1">
        {tab === "trades" ? (
          <TapePanel market={market} />
        ) : (
          <Suspense fallback={<div className="size-full bg-surface" />}>
            <Depth market={market} />
          </Suspense>
        )}
      </div>
    </section>
  )
}
