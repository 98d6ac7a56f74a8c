/** `/`: what this is, one living market behind it, then markets, people, trust. */

import { useTranslation } from "react-i18next"
import { useMarkets, useTickers } from "@/app/data/markets"
import { usePageTitle } from "@/app/page-title"
import { Hero } from "./hero"
import { HowItWorks } from "./how-it-works"
import { TopMarkets } from "./top-markets"
import { Trust } from "./trust"
import { byVolume } from "./busiest"

export default function HomePage() {
  const { t } = useTranslation("common")
  usePageTitle(t("app.name"))
  const { markets, pending } = useMarkets()
  const { tickers } = useTickers()
  const rows = byVolume(markets, tickers)
  return (
    <div className="mx-auto w-full max-w-6xl px-4 md:px-8">
      <Hero market={rows[0]?.market ?? null} />
      <TopMarkets rows={rows} pending={pending} />
      <HowItWorks />
      <Trust />
    </div>
  )
}
