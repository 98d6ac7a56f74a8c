import { type components, told } from "@cse/core"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import type { OwnAccount } from "@/app/data/own-accounts"
import { api } from "@/app/exchange"
import { Amount } from "@/components/amount"
import { type Column, DataTable } from "@/components/data-table"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Pager } from "@/components/pager"
import { Time } from "@/components/time"

type Transfer = components["schemas"]["TransferJson"]

/** Past moves of the account in use, newest first. */
export function Transfers({ accounts }: { accounts: readonly OwnAccount[] }) {
  const { t } = useTranslation("wallet")
  const query = useInfiniteQuery({
    queryKey: ["transfers"],
    queryFn: async ({ pageParam }) =>
      told(await api.GET("/api/transfers", { params: { query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  })
  const label = (id: number | null): string =>
    accounts.find((each) => each.id === id)?.label ?? t("transfers.other")
  const columns: readonly Column<Transfer>[] = [
    { key: "time", header: t("columns.time"), cell: (row) => <Time at={row.time} /> },
    { key: "from", header: t("transfers.from"), cell: (row) => label(row.from_account_id) },
    { key: "to", header: t("transfers.to"), cell: (row) => label(row.to_account_id) },
    { key: "amount", header: t("play.amount"), cell: (row) => <Amount value={row.amount} asset={row.asset} />, align: "end" },
  ]
  const rows = query.data?.pages.flatMap((page) => page.transfers) ?? []
  if (query.error && rows.length === 0) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} />
  return (
    <div>
      <DataTable
        caption={t("transfers.past")}
        focusable
        columns={columns}
        rows={rows}
        rowKey={(row) => row.sequence}
        loading={query.isPending}
        empty={<EmptyState title={t("transfers.none")} body={t("transfers.noneBody")} />}
      />
      <Pager hasMore={query.hasNextPage} pending={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} shown={rows.length} />
    </div>
  )
}
