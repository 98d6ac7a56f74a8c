/** Own fills as marks, and what each was when the pointer is over it. At most the newest 500 and those that come. */

import { formatDecimal, type AccountFill, type Market, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useEffect, useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { useOpenOrders } from "@/app/data/orders"
import { useSession } from "@/app/data/person"
import type { ChartEngine } from "../engine/chart-engine"
import type { Interval } from "../engine/intervals"
import { type Hover, showFills } from "./fill-overlay"
import { averagePrice, marksOf } from "./marks"

const ASKED = 500
const NONE: readonly AccountFill[] = []

export function Fills({ engine, market, interval }: { engine: ChartEngine; market: Market; interval: Interval }) {
  const { t, i18n } = useTranslation("chart")
  const fills = useFills(market.market)
  const marks = useMemo(() => marksOf(fills, interval), [fills, interval])
  const [at, setAt] = useState<Parameters<Hover>[0]>(null)
  useEffect(() => {
    showFills(engine.chart, marks, setAt)
    return () => showFills(engine.chart, [], setAt)
  }, [engine, marks])
  if (!at) return null
  const { mark } = at
  const print = (decimal: string): string => formatDecimal(decimal, i18n.language)
  const text = t(`fill.${mark.side}`, {
    count: mark.count,
    quantity: print(mark.quantity),
    price: print(averagePrice(mark)),
    base: market.base,
    quote: market.quote,
  })
  return (
    <div
      role="tooltip"
      className="num pointer-events-none absolute z-20 rounded-input border border-line-strong bg-raised px-2 py-1 text-11 shadow-float"
      style={{ insetInlineStart: Math.max(0, at.x - 80), top: Math.max(0, at.y - 40) }}
    >
      {text}
    </div>
  )
}

function useFills(market: string): readonly AccountFill[] {
  const { isPerson } = useSession()
  const { fills: live } = useOpenOrders(market)
  const query = useQuery({
    queryKey: ["fills", { market, limit: ASKED }],
    queryFn: async () => told(await api.GET("/api/fills", { params: { query: { market, limit: ASKED } } })).fills,
    enabled: isPerson,
    staleTime: 60_000,
  })
  const asked = isPerson ? (query.data ?? NONE) : NONE
  return useMemo(() => [...asked, ...live], [asked, live])
}
