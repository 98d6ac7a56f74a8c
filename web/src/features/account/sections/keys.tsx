/** API keys: made, shown once, rotated, deleted. */

import { ApiProblem, type components, told } from "@cse/core"
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { type OwnAccount, useOwnAccounts } from "@/app/data/own-accounts"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Pager } from "@/components/pager"
import { Skeleton } from "@/components/skeleton"
import { KeyCard } from "../key-card"
import { type MadeKey, MakeKey } from "../make-key"
import { NewKey } from "../new-key"
import { Part } from "../part"

const KEY = ["keys"]

/** Own keys, those of all accounts, newest first. */
function useKeys() {
  return useInfiniteQuery({
    queryKey: KEY,
    queryFn: async ({ pageParam }) =>
      told(await api.GET("/api/keys", { params: { query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

/** All accounts of who has several: then it is said which one a key acts on. */
function useSeveralAccounts(): readonly OwnAccount[] {
  const { accounts } = useOwnAccounts()
  return accounts && accounts.length > 1 ? accounts : []
}

export default function KeysSection() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<MadeKey | null>(null)
  const list = useKeys()
  const accounts = useSeveralAccounts()
  const refresh = (): void => void queries.invalidateQueries({ queryKey: KEY })
  if (list.error instanceof ApiProblem) return <ErrorState problem={list.error} onRetry={() => void list.refetch()} />
  const keys = list.data?.pages.flatMap((page) => page.keys) ?? []
  const show = (key: MadeKey): void => {
    setMade(key)
    setMaking(false)
    refresh()
  }
  const make = (
    <Button variant="primary" onClick={() => setMaking(true)}>
      {t("keys.make")}
    </Button>
  )
  return (
    <Part
      title={t("keys.title")}
      about={
        <>
          {t("keys.about")}{" "}
          <a href="/api/docs" className="text-brand underline">
            {t("keys.reference")}
          </a>
        </>
      }
    >
      {made && <NewKey made={made} onClose={() => setMade(null)} />}
      {list.isPending && <Skeleton w="100%" h="8rem" />}
      {!list.isPending && keys.length === 0 && !made && <EmptyState title={t("keys.none")} body={t("keys.noneBody")} action={make} />}
      {keys.length > 0 && <div>{make}</div>}
      <Keys rows={keys} accounts={accounts} onChanged={refresh} onMade={show} />
      <Pager hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
      {making && <MakeKey accounts={accounts.filter((each) => each.isOpen)} onClose={() => setMaking(false)} onMade={show} />}
    </Part>
  )
}

interface KeysProps {
  rows: readonly components["schemas"]["Key"][]
  /** None: there is one, which needs no name. */
  accounts: readonly OwnAccount[]
  onChanged: () => void
  onMade: (made: MadeKey) => void
}

function Keys({ rows, accounts, onChanged, onMade }: KeysProps) {
  return (
    <ul className="flex flex-col">
      {rows.map((each) => (
        <KeyCard
          key={each.id}
          apiKey={each}
          account={accounts.find(({ id }) => id === each.account_id)?.label}
          onChanged={onChanged}
          onMade={onMade}
        />
      ))}
    </ul>
  )
}
