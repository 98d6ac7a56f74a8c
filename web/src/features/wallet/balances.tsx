import { Link } from "@tanstack/react-router"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { useBalances } from "@/app/data/balances"
import { useMarkets } from "@/app/data/markets"
import { usePortfolio } from "@/app/data/portfolio"
import { Avatar } from "@/components/avatar"
import { Checkbox } from "@/components/checkbox"
import { type Column, DataTable } from "@/components/data-table"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Price } from "@/components/price"
import { TextInput } from "@/components/text-input"
import { type BalanceRow, byValue, rowsOf, shown } from "./balance-rows"

/** Every asset that the account has, live. */
export function Balances() {
  const { t } = useTranslation("wallet")
  const { balances, pending, error } = useBalances()
  const portfolio = usePortfolio().data
  const [typed, setTyped] = useState("")
  const [hideSmall, setHideSmall] = useState(false)
  const rows = useMemo(() => rowsOf(balances, portfolio?.assets ?? []), [balances, portfolio])
  const columns = useColumns(portfolio?.reference ?? "…")
  if (error && rows.length === 0) return <ErrorState problem={error} />
  if (!pending && rows.length === 0) return <EmptyState title={t("balances.none")} body={t("balances.noneBody")} />
  return (
    <section aria-label={t("tabs.balances")}>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <TextInput
          type="search"
          aria-label={t("balances.search")}
          placeholder={t("balances.search")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className="max-w-56"
        />
        <Checkbox checked={hideSmall} onChange={setHideSmall} label={t("balances.hideSmall")} />
      </div>
      <DataTable
        caption={t("tabs.balances")}
        columns={columns}
        rows={shown(rows, typed, hideSmall)}
        rowKey={(row) => row.asset}
        loading={pending}
        empty={<EmptyState title={t("balances.noMatch")} body={t("balances.noMatchBody")} />}
      />
    </section>
  )
}

function useColumns(reference: string): readonly Column<BalanceRow>[] {
  const { t } = useTranslation("wallet")
  return useMemo(
    () => [
      { key: "asset", header: t("columns.asset"), cell: (row) => <AssetName asset={row.asset} />, sort: (a, b) => (a.asset < b.asset ? -1 : 1) },
      { key: "available", header: t("columns.available"), cell: (row) => <Price value={row.available} />, align: "end" },
      { key: "held", header: t("columns.held"), cell: (row) => <Price value={row.held} />, align: "end", className: "max-md:hidden" },
      { key: "total", header: t("columns.total"), cell: (row) => <Price value={row.total} />, align: "end", className: "max-md:hidden" },
      { key: "value", header: t("columns.value", { asset: reference }), cell: (row) => <Price value={row.value} />, align: "end", sort: byValue },
    ],
    [t, reference],
  )
}

/** The asset, and the way to its market. */
function AssetName({ asset }: { asset: string }) {
  const { t } = useTranslation("wallet")
  const market = useMarkets().markets.find((each) => each.base === asset)
  return (
    <span className="flex items-center gap-2.5 py-2">
      <Avatar handle={asset} size={22} className="max-[24rem]:hidden!" />
      <span className="text-13 font-medium">{asset}</span>
      {market && (
        <Link
          to="/trade/$market"
          params={{ market: market.market }}
          aria-label={t("balances.tradeOf", { asset })}
          className="text-12 text-muted underline-offset-4 hover:text-text hover:underline max-md:hidden"
        >
          {t("balances.trade")}
        </Link>
      )}
    </span>
  )
}
