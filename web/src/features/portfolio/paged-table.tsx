/** A list that comes page by page: loading, nothing there, something wrong, the way on. */

import type { Pages } from "@/app/data/pages"
import { useWindowForm } from "@/app/window-form"
import type { Column } from "@/components/data-table"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Pager } from "@/components/pager"
import { RowCards } from "@/components/row-cards"
import { VirtualTable } from "@/components/virtual-table"

interface Props<T> {
  pages: Pages<T>
  columns: readonly Column<T>[]
  rowKey: (row: T) => string | number
  caption: string
  empty: { title: string; body: string }
}

export function PagedTable<T>({ pages, columns, rowKey, caption, empty }: Props<T>) {
  const isPhone = useWindowForm() === "phone"
  if (pages.problem && pages.rows.length === 0) return <ErrorState problem={pages.problem} onRetry={pages.retry} />
  const all = {
    caption,
    columns,
    rows: pages.rows,
    rowKey,
    loading: pages.pending,
    empty: <EmptyState title={empty.title} body={empty.body} />,
  }
  return (
    <div className="border-t border-line">
      {isPhone ? (
        <RowCards {...all} />
      ) : (
        <VirtualTable {...all} focusable className="max-h-[70vh] min-h-40 [&>table]:min-w-[50rem]" />
      )}
      <Pager hasMore={pages.hasMore} pending={pages.loadingMore} onMore={pages.more} shown={pages.rows.length} />
    </div>
  )
}
