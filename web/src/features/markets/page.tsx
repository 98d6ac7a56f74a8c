/** `/markets`: every market, searched, sorted, live. */

import { useNavigate } from "@tanstack/react-router"
import { Search } from "lucide-react"
import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { useMarkets, useTickers } from "@/app/data/markets"
import { useHotkey } from "@/app/hotkeys"
import { usePageTitle } from "@/app/page-title"
import { usePreferences } from "@/app/preferences"
import { Button } from "@/components/button"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Tabs } from "@/components/tabs"
import { TextInput } from "@/components/text-input"
import { VirtualTable } from "@/components/virtual-table"
import { columnsOf } from "./columns"
import { toggleFavourite } from "./favourite"
import { join, matches, ofTab, type Row, type Tab, TABS } from "./rows"

const ROW_PX = 40

export default function MarketsPage() {
  const { t } = useTranslation("markets")
  usePageTitle(t("title"))
  const { markets, pending, error, retry } = useMarkets()
  const { tickers } = useTickers()
  const favourites = usePreferences((state) => state.favourites)
  const [tab, setTab] = useState<Tab>("all")
  const [typed, setTyped] = useState("")
  const navigate = useNavigate()
  const all = useMemo(() => join(markets, tickers), [markets, tickers])
  const rows = useMemo(() => ofTab(all, tab, favourites).filter((row) => matches(row, typed)), [all, tab, favourites, typed])
  const columns = useMemo(() => columnsOf(t), [t])
  useHotkey("s", starFocused, { id: "markets.favourite", labelKey: "markets:columns.favourite", group: "markets" })
  const open = useCallback((row: Row): void => void navigate({ to: "/trade/$market", params: { market: row.market.market } }), [navigate])
  return (
    <div className="mx-auto flex h-[calc(100dvh-var(--shell,3rem))] w-full max-w-7xl flex-col md:px-4 md:pt-6">
      <div className="flex flex-wrap items-center justify-between gap-3 px-4 pt-4 pb-2 md:px-2 md:pt-0">
        <h1 className="font-display text-28">
          {t("title")} {!pending && <span className="num text-16 text-muted">{all.length}</span>}
        </h1>
        <SearchBox typed={typed} onType={setTyped} onEnter={() => rows[0] && open(rows[0])} />
      </div>
      <Tabs
        value={tab}
        onChange={setTab}
        label={t("title")}
        items={TABS.map((value) => ({ value, label: t(`tabs.${value}`) }))}
        className="px-4 md:px-2"
      />
      {error && markets.length === 0 ? (
        <ErrorState problem={error} onRetry={retry} />
      ) : (
        <div role="presentation" className="flex min-h-0 flex-1 flex-col" onKeyDown={moveAlong}>
          <VirtualTable
            key={tab}
            caption={t("caption")}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.market.market}
            rowHeight={ROW_PX}
            loading={pending}
            onRow={open}
            empty={<Nothing tab={tab} typed={typed} onAll={() => (setTab("all"), setTyped(""))} />}
            className="min-h-0 flex-1 [&_tbody_tr]:scroll-mt-10"
          />
        </div>
      )}
    </div>
  )
}

interface SearchBoxProps {
  typed: string
  onType: (typed: string) => void
  onEnter: () => void
}

function SearchBox({ typed, onType, onEnter }: SearchBoxProps) {
  const { t } = useTranslation("markets")
  const input = useRef<HTMLInputElement>(null)
  useHotkey(
    "/",
    (event) => {
      event.preventDefault()
      input.current?.focus()
    },
    { id: "markets.search", labelKey: "markets:search.key", group: "markets" },
  )
  return (
    <div role="search" className="relative w-full md:w-72">
      <Search aria-hidden size={15} strokeWidth={1.5} className="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-muted" />
      <TextInput
        ref={input}
        type="search"
        aria-label={t("search.label")}
        placeholder={t("search.placeholder")}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && onEnter()}
        className="ps-9"
      />
    </div>
  )
}

/** Keeps the market of the row that has the focus as a favourite, or no longer. */
function starFocused(): void {
  const row = document.activeElement?.closest("tbody tr")
  const name = row?.querySelector("a")?.getAttribute("href")?.split("/").at(-1)
  if (name) toggleFavourite(name)
}

/** Arrow keys go from row to row. */
function moveAlong(event: KeyboardEvent<HTMLElement>): void {
  const row = event.target instanceof HTMLTableRowElement ? event.target : null
  if (!row) return
  const next = event.key === "ArrowDown" ? row.nextElementSibling : event.key === "ArrowUp" ? row.previousElementSibling : null
  if (!(next instanceof HTMLTableRowElement)) return
  event.preventDefault()
  next.focus()
}

/** Why no market is there, and the way back to all. */
function Nothing({ tab, typed, onAll }: { tab: Tab; typed: string; onAll: () => void }) {
  const { t } = useTranslation("markets")
  const why = typed !== "" ? "search" : tab === "favourites" ? "favourites" : "tab"
  return (
    <EmptyState
      title={t(`empty.${why}`, { typed })}
      body={t(`empty.${why}Body`)}
      action={<Button onClick={onAll}>{t("empty.all")}</Button>}
    />
  )
}
