/** What the market switcher shows once it is open. */

import { compare, formatDecimal, type Market, type Ticker } from "@cse/core"
import { useNavigate } from "@tanstack/react-router"
import { Star } from "lucide-react"
import { type KeyboardEvent, useMemo, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { useMarkets, useTickers } from "@/app/data/markets"
import { usePreferences } from "@/app/preferences"
import { useTyped } from "@/app/type-ahead"
import { Change } from "@/components/change"
import { cx } from "@/components/class-names"
import { TextInput } from "@/components/text-input"

interface Row {
  market: Market
  ticker: Ticker | undefined
  favourite: boolean
}

/** Favourites first, then by what was traded; those that match what is typed. */
function rowsOf(markets: readonly Market[], tickers: readonly Ticker[], favourites: readonly string[], search: string): Row[] {
  const byName = new Map(tickers.map((each) => [each.market, each]))
  const wanted = search.trim().toUpperCase()
  return markets
    .filter((each) => each.status !== "closed" && each.market.includes(wanted))
    .map((market) => ({ market, ticker: byName.get(market.market), favourite: favourites.includes(market.market) }))
    .sort((a, b) => Number(b.favourite) - Number(a.favourite) || compare(b.ticker?.quote_volume ?? "0", a.ticker?.quote_volume ?? "0"))
}

/** More rows than these need a longer word to search for. */
const MOST = 200

/** The markets to choose from; arrows, Enter and a press choose. */
export default function Choice({ current, close }: { current: string; close: () => void }) {
  const { t } = useTranslation("trade")
  const navigate = useNavigate()
  const { markets } = useMarkets()
  const { tickers } = useTickers()
  const { favourites, set } = usePreferences()
  const [search, setSearch] = useState("")
  const [at, setAt] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useTyped(field, setSearch)
  const rows = useMemo(() => rowsOf(markets, tickers, favourites, search).slice(0, MOST), [markets, tickers, favourites, search])
  const go = (name: string): void => {
    close()
    void navigate({ to: "/trade/$market", params: { market: name } })
  }
  const keys = (event: KeyboardEvent): void => {
    const chosen = rows[at]
    if (event.key === "Enter" && chosen) go(chosen.market.market)
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const next = Math.min(Math.max(at + by, 0), rows.length - 1)
    setAt(next)
    list.current?.children[next]?.scrollIntoView({ block: "nearest" })
  }
  const star = (name: string): void =>
    set({ favourites: favourites.includes(name) ? favourites.filter((each) => each !== name) : [...favourites, name] })
  return (
    <>
      <div className="border-b border-line p-2">
        <TextInput
          ref={field}
          aria-label={t("switcher.search")}
          placeholder={t("switcher.search")}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value)
            setAt(0)
          }}
          onKeyDown={keys}
        />
      </div>
      <ul ref={list} className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1">
        {rows.map((row, index) => (
          <Line key={row.market.market} row={row} current={row.market.market === current} marked={index === at} go={go} star={star} />
        ))}
        {rows.length === 0 && <li className="px-3 py-8 text-center text-muted">{t("switcher.none")}</li>}
      </ul>
    </>
  )
}

interface LineProps {
  row: Row
  current: boolean
  marked: boolean
  go: (market: string) => void
  star: (market: string) => void
}

function Line({ row: { market, ticker, favourite }, current, marked, go, star }: LineProps) {
  const { t, i18n } = useTranslation("trade")
  return (
    <li className={cx("flex items-center rounded-input", marked && "bg-line")}>
      <button
        type="button"
        aria-pressed={favourite}
        aria-label={t("switcher.favourite", { market: market.market })}
        onClick={() => star(market.market)}
        className="grid size-8 shrink-0 place-items-center rounded-input text-muted hover:text-text"
      >
        <Star aria-hidden size={14} strokeWidth={1.5} className={favourite ? "fill-warn text-warn" : ""} />
      </button>
      <button
        type="button"
        aria-current={current ? "page" : undefined}
        onClick={() => go(market.market)}
        className="grid h-9 min-w-0 flex-1 grid-cols-[1fr_auto_5.5rem] items-center gap-3 rounded-input pe-2 text-start hover:bg-line"
      >
        <span className="truncate">
          <bdi dir="ltr">
            <span className="font-medium">{market.base}</span> <span className="text-muted">/ {market.quote}</span>
          </bdi>
          {market.status !== "open" && <span className="ms-2 text-warn">{t(`status.${market.status}.word`)}</span>}
        </span>
        <span className="num">{ticker?.last ? formatDecimal(ticker.last, i18n.language) : "–"}</span>
        <Change from={ticker?.open} to={ticker?.last} className="text-end" />
      </button>
    </li>
  )
}
