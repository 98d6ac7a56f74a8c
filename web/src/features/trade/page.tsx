/** `/trade/$market`: the terminal of one market. */

import type { Market } from "@cse/core"
import { useParams } from "@tanstack/react-router"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { useMarket } from "@/app/data/markets"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { LinkButton } from "@/components/link-button"
import { Skeleton } from "@/components/skeleton"
import { MarketHeader } from "./header/market-header"
import { StatusBanner } from "./header/market-status"
import { useTitle } from "./header/use-title"
import { Desk } from "./layout/desk"
import { LayoutMenu } from "./layout/layout-menu"
import { Phone } from "./layout/phone"
import { Tablet } from "./layout/tablet"
import { useWindowForm } from "@/app/window-form"
import { FillToasts } from "./notices/fill-toasts"
import { CancelAllDialog } from "./orders/cancelling"
import { TradeKeys } from "./trade-keys"
import { useTradeSettings } from "./settings"

export default function Page() {
  const { market: name = "" } = useParams({ strict: false })
  const { t } = useTranslation("trade")
  const { market, pending, error } = useMarket(name)
  if (market) return <Terminal key={market.market} market={market} />
  if (pending) return <Loading />
  if (error) return <ErrorState problem={error} />
  return (
    <EmptyState
      title={t("page.unknown", { market: name })}
      body={t("page.unknownBody")}
      action={<LinkButton to="/markets">{t("page.markets")}</LinkButton>}
    />
  )
}

const FORMS = { desk: Desk, tablet: Tablet, phone: Phone }

function Terminal({ market }: { market: Market }) {
  const form = useWindowForm()
  const set = useTradeSettings((settings) => settings.set)
  useTitle(market.market)
  useEffect(() => set({ lastMarket: market.market }), [set, market.market])
  const Layout = FORMS[form]
  return (
    <div className="flex h-[calc(100dvh-var(--shell,3rem))] min-h-0 flex-col bg-surface">
      <MarketHeader market={market} aside={form === "desk" ? <LayoutMenu /> : null} />
      <StatusBanner market={market} />
      <Layout market={market} />
      <FillToasts />
      <CancelAllDialog />
      <TradeKeys market={market} />
    </div>
  )
}

/** The terminal's outline while the list of markets loads. */
function Loading() {
  return (
    <div className="flex h-[calc(100dvh-var(--shell,3rem))] flex-col gap-px bg-line" aria-busy>
      <div className="flex h-14 items-center gap-4 bg-surface px-3">
        <Skeleton w={120} h={28} />
        <Skeleton w={90} h={24} />
      </div>
      <div className="flex-1 bg-surface" />
    </div>
  )
}
