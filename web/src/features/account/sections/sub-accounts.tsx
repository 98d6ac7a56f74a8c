/** Further accounts of one's own: opened, named, closed when they are empty. */

import { ApiProblem, type components, told } from "@cse/core"
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { actingOn, api } from "@/app/exchange"
import { switchAccount } from "@/app/presence"
import { problemText } from "@/app/problem-text"
import { useForm } from "@/app/use-form"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { Pager } from "@/components/pager"
import { Skeleton } from "@/components/skeleton"
import { TextInput } from "@/components/text-input"
import { HERE, TimedText } from "@/components/timed-text"
import { CloseSubAccount } from "../close-sub-account"
import { Part } from "../part"
import { RenameSubAccount } from "../rename-sub-account"
import { Row, RowList } from "../row-list"

type SubAccount = components["schemas"]["SubAccountJson"]
const KIND = { open: "up", opening: "info", frozen: "warn", closed: "plain" } as const

export default function SubAccountsSection() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const list = useInfiniteQuery({
    queryKey: ["sub-accounts", "pages"],
    queryFn: async ({ pageParam }) =>
      told(await api.GET("/api/sub-accounts", { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const rows = list.data?.pages.flatMap((page) => page.sub_accounts) ?? []
  const refresh = () => queries.invalidateQueries({ queryKey: ["sub-accounts"] })
  const close = useMutation({
    mutationFn: (id: number) => api.POST("/api/sub-accounts/{account_id}/close", { params: { path: { account_id: id } } }),
    onSuccess: (_, id) => actingOn() === id && switchAccount(null),
    onSettled: refresh,
  })
  if (list.error) return <ErrorState problem={list.error} onRetry={() => void list.refetch()} />
  return (
    <Part title={t("subAccounts.title")} about={t("subAccounts.about")}>
      {close.error instanceof ApiProblem && <Notice kind="down" title={problemText(t, close.error)} />}
      {list.isPending && <Skeleton w="100%" h="7rem" />}
      {list.data && rows.length === 0 && <EmptyState title={t("subAccounts.none")} body={t("subAccounts.noneBody")} />}
      {rows.length > 0 && (
        <RowList label={t("subAccounts.title")}>
          {rows.map((row) => (
            <Row
              key={row.account_id}
              title={
                <>
                  {row.label} <Badge kind={KIND[row.status]}>{t(`subAccounts.is.${row.status}`)}</Badge>
                </>
              }
              facts={<Facts account={row} />}
              acts={
                row.status === "open" && (
                  <span className="flex gap-2">
                    <RenameSubAccount account={row} onRenamed={() => void refresh()} />
                    <CloseSubAccount
                      account={row}
                      pending={close.isPending && close.variables === row.account_id}
                      onClose={() => close.mutate(row.account_id)}
                    />
                  </span>
                )
              }
            />
          ))}
        </RowList>
      )}
      <Pager hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
      <Open onOpened={() => void refresh()} />
      <Link to="/wallet" className="text-13 text-brand underline">
        {t("subAccounts.transfer")}
      </Link>
    </Part>
  )
}

function Facts({ account }: { account: SubAccount }) {
  const { t } = useTranslation("account")
  return (
    <>
      <span>
        {t("subAccounts.number")} <span className="num">{account.account_id}</span>
      </span>
      <span>
        <TimedText text={t("sessions.since", { time: HERE })} at={account.created_at} />
      </span>
    </>
  )
}

function Open({ onOpened }: { onOpened: () => void }) {
  const { t } = useTranslation("account")
  const [label, setLabel] = useState("")
  const form = useForm(["label"], async () => {
    await api.POST("/api/sub-accounts", { body: { label } })
    setLabel("")
    onOpened()
  })
  return (
    <form onSubmit={form.submit} className="flex max-w-sm flex-col gap-3">
      {form.said && <Notice kind="down" title={form.said} />}
      <Field label={t("subAccounts.label")} hint={t("subAccounts.labelHint")} error={form.error("label")}>
        {(ids) => <TextInput {...ids} name="label" required value={label} onChange={(event) => setLabel(event.target.value)} />}
      </Field>
      <div>
        <Button type="submit" variant="secondary" pending={form.pending}>
          {t("subAccounts.open")}
        </Button>
      </div>
    </form>
  )
}
