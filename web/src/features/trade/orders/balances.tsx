/** What there is of each asset, free and held by orders. */

import { add, type Balance, compare, formatDecimal } from "@cse/core"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { useBalances } from "@/app/data/balances"
import { OrdersTable } from "./orders-table"
import type { TradeColumn } from "./trade-column"
import type { TableContext } from "./order-columns"

/** `assets`: only these; null: all. */
export function Balances({ assets, context }: { assets: readonly string[] | null; context: TableContext }) {
  const { t } = useTranslation("trade")
  const { balances, pending, error } = useBalances()
  const rows = useMemo(
    () => (assets === null ? balances : balances.filter((each) => assets.includes(each.asset))),
    [assets, balances],
  )
  const columns = useMemo(() => balanceColumns(context), [context])
  return (
    <OrdersTable
      table="balances"
      columns={columns}
      rows={rows}
      rowKey={(balance) => balance.asset}
      pending={pending}
      problem={error}
      empty={{ title: t("balances.none"), body: t("balances.noneBody") }}
    />
  )
}

function balanceColumns({ t, locale }: TableContext): TradeColumn<Balance>[] {
  const number = (key: string, header: string, read: (balance: Balance) => string): TradeColumn<Balance> => ({
    key,
    header,
    align: "end",
    width: "12rem",
    sort: (a, b) => compare(read(a), read(b)),
    cell: (balance) => <span className="num">{formatDecimal(read(balance), locale)}</span>,
    csv: read,
  })
  return [
    {
      key: "asset",
      header: t("balances.asset"),
      width: "8rem",
      sort: (a, b) => a.asset.localeCompare(b.asset),
      cell: (balance) => <span className="font-medium">{balance.asset}</span>,
      csv: (balance) => balance.asset,
    },
    number("available", t("balances.available"), (balance) => balance.available),
    number("held", t("balances.held"), (balance) => balance.held),
    number("total", t("balances.total"), (balance) => add(balance.available, balance.held)),
  ]
}
