/** The chart of a market: the library and all of the drawing load when it is first shown. */

import type { Market } from "@cse/core"
import { lazy, Suspense } from "react"

const Chart = lazy(() => import("./chart"))

export function ChartPanel({ market }: { market: Market }) {
  return (
    <Suspense fallback={<div className="size-full animate-pulse bg-surface" />}>
      <Chart key={market.market} market={market} />
    </Suspense>
  )
}
