/** The panel below: what a person has open, had, got and has. */

import type { Market } from "@cse/core"
import { ChevronDown, ChevronUp, Columns3, Download } from "lucide-react"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { useMarkets } from "@/app/data/markets"
import { useOpenOrders } from "@/app/data/orders"
import { problemText } from "@/app/problem-text"
import { Button } from "@/components/button"
import { Checkbox } from "@/components/checkbox"
import { IconButton } from "@/components/icon-button"
import { Menu } from "@/components/menu"
import { Tabs } from "@/components/tabs"
import { toast } from "@/components/toasts"
import { useWindowForm } from "@/app/window-form"
import { type BottomTab, useTradeSettings } from "../settings"
import { useCancelAll } from "../use-cancel-all"
import { Balances } from "./balances"
import { Fills, OrderHistory } from "./history"
import { OpenOrders } from "./open-orders"
import type { TableContext } from "./order-columns"
import { useShownTable } from "./table-handle"

const TABS: readonly BottomTab[] = ["open", "history", "fills", "balances"]

export interface BottomPanelProps {
  market: Market
  /** Whether it can be folded to its tabs: not on a phone, where it is the page. */
  foldable?: boolean
}

export function BottomPanel({ market, foldable = true }: BottomPanelProps) {
  const { t } = useTranslation("trade")
  const { bottomTab, bottomFolded, onlyThisMarket, set } = useTradeSettings()
  const wide = useWindowForm() === "desk"
  const folded = foldable && bottomFolded
  const shownMarket = onlyThisMarket ? market.market : null
  const { orders } = useOpenOrders(shownMarket)
  return (
    <section aria-label={t("tabs.title")} className="flex h-full min-h-0 flex-col bg-surface">
      <Tabs
        label={t("tabs.title")}
        value={bottomTab}
        onChange={(next) => set({ bottomTab: next, bottomFolded: false })}
        items={TABS.map((value) => ({ value, label: t(`tabs.${value}`), count: value === "open" ? orders.length : undefined }))}
        className="shrink-0 px-3"
        aside={
          <>
            {wide && <Tools market={shownMarket} count={orders.length} />}
            {foldable && (
              <IconButton
                size="sm"
                label={t(folded ? "layout.unfoldBottom" : "layout.foldBottom")}
                aria-expanded={!folded}
                icon={folded ? <ChevronUp size={14} strokeWidth={1.5} /> : <ChevronDown size={14} strokeWidth={1.5} />}
                onClick={() => set({ bottomFolded: !folded })}
              />
            )}
          </>
        }
      />
      {!folded && (
        <>
          {!wide && (
            <div className="flex flex-wrap items-center gap-1 border-b border-line px-3 py-1">
              <Tools market={shownMarket} count={orders.length} />
            </div>
          )}
          <div className="min-h-0 flex-1">
            <Shown tab={bottomTab} market={market} shownMarket={shownMarket} />
          </div>
        </>
      )}
    </section>
  )
}

function Shown({ tab, market, shownMarket }: { tab: BottomTab; market: Market; shownMarket: string | null }) {
  const context = useTableContext()
  const assets = useMemo(() => (shownMarket === null ? null : [market.base, market.quote]), [shownMarket, market.base, market.quote])
  if (tab === "open") return <OpenOrders market={shownMarket} context={context} />
  if (tab === "history") return <OrderHistory market={shownMarket} context={context} />
  if (tab === "fills") return <Fills market={shownMarket} context={context} />
  return <Balances assets={assets} context={context} />
}

function useTableContext(): TableContext {
  const { t, i18n } = useTranslation("trade")
  const { markets } = useMarkets()
  return useMemo(
    () => ({ t, locale: i18n.language, markets: new Map(markets.map((each) => [each.market, each])) }),
    [t, i18n.language, markets],
  )
}

/** This market only, cancel all, columns, CSV. */
function Tools({ market, count }: { market: string | null; count: number }) {
  const { t } = useTranslation("trade")
  const { onlyThisMarket, bottomTab, hidden, set } = useTradeSettings()
  const handle = useShownTable((shown) => shown.handle)
  const ask = useCancelAll((state) => state.ask)
  const save = async (): Promise<void> => {
    try {
      await handle?.save()
    } catch (problem) {
      toast("down", t("orders.csvRefused"), problemText(t, problem))
    }
  }
  const away = hidden[handle?.table ?? ""] ?? []
  const toggle = (key: string): void => {
    const next = away.includes(key) ? away.filter((each) => each !== key) : [...away, key]
    set({ hidden: { ...hidden, [handle?.table ?? ""]: next } })
  }
  return (
    <>
      <span className="px-2">
        <Checkbox checked={onlyThisMarket} onChange={(next) => set({ onlyThisMarket: next })} label={t("orders.onlyThis")} />
      </span>
      {bottomTab === "open" && (
        <Button size="sm" variant="ghost" disabled={count === 0} onClick={() => ask(market)}>
          {t("orders.cancelAll")}
        </Button>
      )}
      <Menu
        trigger={<IconButton size="sm" label={t("orders.columns")} icon={<Columns3 size={14} strokeWidth={1.5} />} />}
        items={(handle?.choices ?? []).map(({ key, name }) => ({ label: name, checked: !away.includes(key), onSelect: () => toggle(key) }))}
      />
      <IconButton
        size="sm"
        label={t("orders.csv")}
        disabled={!handle || handle.rows === 0}
        icon={<Download size={14} strokeWidth={1.5} />}
        onClick={() => void save()}
      />
    </>
  )
}
