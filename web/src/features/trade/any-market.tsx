/** `/trade`: to the market that was last looked at, else to the one where most is traded. */

import { compare } from "@cse/core"
import { Navigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useMarkets, useTickers } from "@/app/data/markets"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { useTradeSettings } from "./settings"

export default function Page() {
  const { t } = useTranslation("trade")
  const last = useTradeSettings((settings) => settings.lastMarket)
  const { markets, pending, error, retry } = useMarkets()
  const { tickers, pending: tickersPending } = useTickers()
  if (error) return <ErrorState problem={error} onRetry={retry} />
  if (pending || tickersPending) return <div aria-busy className="h-[calc(100dvh-var(--shell,3rem))]" />
  const open = new Set(markets.filter((each) => each.status !== "closed").map((each) => each.market))
  const busiest = tickers
    .filter((each) => open.has(each.market))
    .reduce<(typeof tickers)[number] | null>((best, each) => (best && compare(best.quote_volume, each.quote_volume) >= 0 ? best : each), null)
  const market = last !== null && open.has(last) ? last : (busiest?.market ?? [...open][0])
  if (market === undefined) return <EmptyState title={t("page.noMarkets")} body={t("page.noMarketsBody")} />
  return <Navigate to="/trade/$market" params={{ market }} replace />
}
