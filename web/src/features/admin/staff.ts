/** What the office asks and does. Lists are paged by the exchange's cursors. */

import type { components } from "@cse/core"
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query"
import { useMemo } from "react"

type Schemas = components["schemas"]
export type Approval = Schemas["ApprovalJson"]
export type ApprovalStatus = Approval["status"]
export type ApprovalAct = "approve" | "reject" | "withdraw" | "settleDone" | "settleFailed"
export type AuditRecord = Schemas["AuditEntry"]
export type Person = Schemas["StaffPerson"]
export type Hit = Schemas["HitJson"]
export type Check = Schemas["StaffCheck"]
export type Tier = Schemas["Tier"]
export type Dependency = Schemas["Dependency"]

interface Paged<T> {
  rows: T[]
  error: Error | null
  loading: boolean
  more: (() => void) | null
  loadingMore: boolean
  refetch: () => void
}

/** Reads a paged list; `more` brings the next page, null after the last one. */
export function usePages<T>(
  key: readonly unknown[],
  read: (cursor: string | undefined) => Promise<{ rows: T[]; next: string | null }>,
  refetchMs: number | false = false,
): Paged<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: refetchMs,
  })
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data])
  return {
    rows,
    error: query.error,
    loading: query.isPending,
    more: query.hasNextPage ? () => void query.fetchNextPage() : null,
    loadingMore: query.isFetchingNextPage,
    refetch: () => void query.refetch(),
  }
}

/** Makes everything that staff looks at be asked again: after an act anything may have changed. */
export function useAskAgain(): () => void {
  const queries = useQueryClient()
  return () => void queries.invalidateQueries({ queryKey: ["admin"] })
}
