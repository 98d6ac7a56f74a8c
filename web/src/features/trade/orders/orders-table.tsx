/** A table of the panel below: hidden columns, paging, nothing there, nobody logged in, something wrong. */

import { lazy, Suspense, useMemo } from "react"
import { useTranslation } from "react-i18next"
import { useSession } from "@/app/data/person"
import { useWindowForm } from "@/app/window-form"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { LinkButton } from "@/components/link-button"
import { Pager } from "@/components/pager"
import { VirtualTable } from "@/components/virtual-table"
import { useTradeSettings } from "../settings"
import { useTableHandle } from "./table-handle"
import type { TradeColumn } from "./trade-column"

export interface OrdersTableProps<T> {
  /** Its name in the settings and in file names. */
  table: string
  columns: readonly TradeColumn<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string | number
  pending: boolean
  problem: Error | null
  retry?: () => void
  paging?: { hasMore: boolean; pending: boolean; more: () => void }
  empty: { title: string; body: string }
  /** Brings the whole list as CSV, not only the rows that are loaded. */
  whole?: () => Promise<Blob>
}

const NONE: readonly string[] = []
// Phones alone have cards. (`lazy` forgets that they are generic.)
const RowCards = lazy(async () => ({ default: (await import("@/components/row-cards")).RowCards })) as typeof import("@/components/row-cards").RowCards

export function OrdersTable<T>({ table, columns, rows, rowKey, pending, problem, retry, paging, empty, whole }: OrdersTableProps<T>) {
  const { t } = useTranslation("trade")
  const { isPerson, state } = useSession()
  const isPhone = useWindowForm() === "phone"
  const hidden = useTradeSettings((settings) => settings.hidden[table]) ?? NONE
  const shown = useMemo(() => columns.filter((column) => !hidden.includes(column.key)), [columns, hidden])
  useTableHandle(table, columns, rows, whole)
  if (state === "anonymous") return <LoggedOut />
  if (problem) return <ErrorState problem={problem} onRetry={retry} />
  const all = {
    caption: t(`tabs.${table}`),
    columns: shown,
    rows,
    rowKey,
    loading: pending || !isPerson,
    empty: <EmptyState title={empty.title} body={empty.body} className="py-6!" />,
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      {isPhone ? (
        <Suspense>
          <RowCards {...all} className="min-h-0 flex-1" />
        </Suspense>
      ) : (
        <VirtualTable {...all} className="min-h-0 flex-1 [&>table]:min-w-[54rem]" />
      )}
      {paging && rows.length > 0 && (
        <Pager hasMore={paging.hasMore} pending={paging.pending} onMore={paging.more} shown={rows.length} />
      )}
    </div>
  )
}

function LoggedOut() {
  const { t } = useTranslation("trade")
  return (
    <EmptyState
      title={t("orders.loggedOut")}
      body={t("orders.loggedOutBody")}
      className="py-6!"
      action={
        <LinkButton to="/login" search={{ next: location.pathname }}>
          {t("ticket.login")}
        </LinkButton>
      }
    />
  )
}
