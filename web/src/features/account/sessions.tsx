/** Where the person is logged in, and the ways to end that. */

import { ApiProblem, type components, told } from "@cse/core"
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { ErrorState } from "@/components/error-state"
import { Notice } from "@/components/notice"
import { Pager } from "@/components/pager"
import { Skeleton } from "@/components/skeleton"
import { HERE, TimedText } from "@/components/timed-text"
import { deviceOf } from "./device"
import { Part } from "./part"
import { Row, RowList } from "./row-list"

type Session = components["schemas"]["SessionJson"]
const KEY = ["sessions"]

export function SessionsPart() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const list = useInfiniteQuery({
    queryKey: KEY,
    queryFn: async ({ pageParam }) =>
      told(await api.GET("/api/sessions", { params: { query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const refresh = () => queries.invalidateQueries({ queryKey: KEY })
  const end = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/sessions/{session_id}", { params: { path: { session_id: id } } }),
    onSettled: refresh,
  })
  const endOthers = useMutation({ mutationFn: () => api.DELETE("/api/sessions"), onSettled: refresh })
  if (list.error) return <ErrorState problem={list.error} onRetry={() => void list.refetch()} />
  const rows = list.data?.pages.flatMap((page) => page.sessions) ?? []
  const problem = end.error ?? endOthers.error
  return (
    <Part title={t("sessions.title")} about={t("sessions.about")}>
      {problem instanceof ApiProblem && <Notice kind="down" title={problemText(t, problem)} />}
      {list.isPending && <Skeleton w="100%" h="7rem" />}
      {rows.length > 0 && (
        <RowList label={t("sessions.title")}>
          {rows.map((row) => (
            <Row
              key={row.id}
              title={<Device session={row} />}
              facts={<Facts session={row} />}
              acts={
                !row.current && (
                  <Button size="sm" variant="secondary" pending={end.isPending && end.variables === row.id} onClick={() => end.mutate(row.id)}>
                    {t("sessions.end")}
                  </Button>
                )
              }
            />
          ))}
        </RowList>
      )}
      <Pager hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
      {rows.length > 1 && (
        <div>
          <Button variant="secondary" pending={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t("sessions.endOthers")}
          </Button>
        </div>
      )}
    </Part>
  )
}

function Device({ session: row }: { session: Session }) {
  const { t } = useTranslation("account")
  return (
    <>
      <span title={row.user_agent}>{deviceOf(row.user_agent) ?? t("sessions.unknown")}</span>
      {row.current && <Badge kind="info">{t("sessions.current")}</Badge>}
    </>
  )
}

function Facts({ session: row }: { session: Session }) {
  const { t } = useTranslation("account")
  return (
    <>
      <bdi dir="ltr" className="font-mono">
        {row.last_used_from}
      </bdi>
      <span>
        <TimedText text={t("sessions.used", { time: HERE })} at={row.last_used_at} />
      </span>
      <span>
        <TimedText text={t("sessions.since", { time: HERE })} at={row.created_at} />
      </span>
    </>
  )
}
