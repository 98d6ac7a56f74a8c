/** Markets as staff sees them: status, limits, fees; halts, resumes, other limits, new ones. */

import { ApiProblem, formatDecimal, type Market, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useProfile } from "@/app/data/person"
import { api } from "@/app/exchange"
import { usePreferences } from "@/app/preferences"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { DataTable } from "@/components/data-table"
import { ErrorState } from "@/components/error-state"
import { type Act, ActDialog } from "../act-dialog"
import { LimitsDialog } from "../limits-dialog"
import { ListingDialog } from "../listing-dialog"
import { percent } from "../ppm"

const KIND = { open: "up", cancel_only: "warn", halted: "down", closed: "plain" } as const
type Settable = "cancel_only" | "halted" | "open"
const SETTABLE: readonly Settable[] = ["open", "cancel_only", "halted"]
/** Somebody else's halt shows itself soon, ms. */
const EVERY_MS = 2_000

export default function MarketsSection() {
  const { t } = useTranslation("admin")
  const [act, setAct] = useState<Act | null>(null)
  const [limits, setLimits] = useState<Market | null>(null)
  const [listing, setListing] = useState(false)
  const permissions = useProfile()?.permissions ?? []
  const markets = useQuery({
    queryKey: ["admin", "markets"],
    queryFn: async () => told(await api.GET("/api/admin/markets")).markets,
    refetchInterval: EVERY_MS,
  })
  if (markets.error instanceof ApiProblem && !markets.data)
    return <ErrorState problem={markets.error} onRetry={() => void markets.refetch()} />
  return (
    <div className="flex flex-col gap-4">
      {permissions.includes("market.list") && (
        <div>
          <Button variant="secondary" size="sm" onClick={() => setListing(true)}>
            {t("markets.list.do")}
          </Button>
        </div>
      )}
      <MarketTable
        rows={markets.data ?? []}
        loading={markets.isPending}
        permissions={permissions}
        onAct={setAct}
        onLimits={setLimits}
      />
      <ActDialog act={act} onClose={() => setAct(null)} />
      {limits && <LimitsDialog key={limits.market} market={limits} onClose={() => setLimits(null)} />}
      {listing && <ListingDialog onClose={() => setListing(false)} />}
    </div>
  )
}

interface TableProps {
  rows: Market[]
  loading: boolean
  permissions: readonly string[]
  onAct: (act: Act) => void
  onLimits: (market: Market) => void
}

function MarketTable({ rows, loading, permissions, onAct, onLimits }: TableProps) {
  const { t } = useTranslation("admin")
  const locale = usePreferences((state) => state.locale)
  const statusAct = useStatusAct()
  const amount = (value: string) => <span className="num">{formatDecimal(value, locale)}</span>
  return (
    <DataTable<Market>
      caption={t("sections.markets")}
      rows={rows}
      loading={loading}
      rowKey={(row) => row.market}
      empty={t("markets.none")}
      columns={[
        { key: "market", header: t("markets.market"), cell: (row) => <span className="font-medium">{row.market}</span> },
        { key: "status", header: t("markets.status"), cell: (row) => <Badge kind={KIND[row.status]}>{t(`markets.is.${row.status}`)}</Badge> },
        { key: "tick", header: t("markets.tick"), align: "end", cell: (row) => amount(row.tick_size) },
        { key: "lot", header: t("markets.lot"), align: "end", cell: (row) => amount(row.lot_size) },
        { key: "least", header: t("markets.leastTotal"), align: "end", cell: (row) => amount(row.min_notional) },
        { key: "band", header: t("markets.band"), align: "end", cell: (row) => amount(row.price_band) },
        {
          key: "fees",
          header: t("markets.fees"),
          align: "end",
          cell: (row) => <span className="num">{`${percent(row.maker_fee_ppm)} / ${percent(row.taker_fee_ppm)}`}</span>,
        },
        {
          key: "acts",
          header: t("markets.acts"),
          cell: (row) => (
            <span className="flex flex-wrap gap-1">
              {permissions.includes("market.status") &&
                row.status !== "closed" &&
                SETTABLE.filter((status) => status !== row.status).map((status) => (
                  <Button key={status} size="sm" variant={status === "open" ? "secondary" : "ghost"} onClick={() => onAct(statusAct(row.market, status))}>
                    {t(`markets.set.${status}.do`)}
                  </Button>
                ))}
              {permissions.includes("market.limits") && (
                <Button size="sm" variant="ghost" onClick={() => onLimits(row)}>
                  {t("markets.limits.do")}
                </Button>
              )}
            </span>
          ),
        },
      ]}
    />
  )
}

function useStatusAct(): (market: string, status: Settable) => Act {
  const { t } = useTranslation("admin")
  return (market, status) => ({
    title: t(`markets.set.${status}.title`, { market }),
    description: t(`markets.set.${status}.means`),
    confirm: t(`markets.set.${status}.do`),
    danger: status === "halted",
    reasons: status === "open" ? ["resolved", "mistaken"] : ["incident", "announcement", "market_abuse", "maintenance"],
    run: async (reason) =>
      told(await api.POST("/api/admin/markets/{market}/status", { params: { path: { market } }, body: { status, reason } })),
  })
}
