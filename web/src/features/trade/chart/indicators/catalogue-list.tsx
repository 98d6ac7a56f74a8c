/** All indicators: searched, by group, marked, used last. */

import { catalogue, type Group, GROUPS, type Indicator } from "@cse/indicators"
import { Plus, Search, Star } from "lucide-react"
import { useDeferredValue, useState } from "react"
import { useTranslation } from "react-i18next"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { EmptyState } from "@/components/empty-state"
import { IconButton } from "@/components/icon-button"
import { Select } from "@/components/select"
import { TextInput } from "@/components/text-input"
import { type Chosen, isFull } from "./chosen"
import { type Place, search } from "./search"
import { useShelf } from "./shelf"

const ICON = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const
const FILLED: readonly Group[] = GROUPS.filter((group) => catalogue.some((each) => each.group === group))
const PLACES: readonly Place[] = ["all", "favourites", "recent", ...FILLED]

export interface CatalogueListProps {
  chosen: Chosen
  onAdd: (indicator: Indicator) => void
}

export function CatalogueList({ chosen, onAdd }: CatalogueListProps) {
  const { t } = useTranslation("indicators")
  const [text, setText] = useState("")
  const [place, setPlace] = useState<Place>("all")
  const shelves = useShelf()
  const wanted = useDeferredValue(text)
  const found = search(catalogue, { text: wanted, place }, (name) => t(`name.${name}`), shelves)
  const options = PLACES.map((value) => ({ value, label: t(`place.${value}`) }))
  return (
    <>
      <div className="flex gap-2 pb-3">
        <div className="relative min-w-0 flex-1">
          <Search {...ICON} className="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-muted" />
          <TextInput
            type="search"
            data-autofocus
            aria-label={t("search")}
            placeholder={t("search")}
            value={text}
            maxLength={60}
            onChange={(event) => setText(event.target.value)}
            className="ps-9"
          />
        </div>
        <Select label={t("place.label")} value={place} options={options} onChange={setPlace} className="w-44 shrink-0 max-sm:w-32" />
      </div>
      <p role="status" className="sr-only">
        {t("found", { count: found.length })}
      </p>
      {found.length === 0 ? (
        <EmptyState title={t(wanted === "" ? `empty.${place}` : "empty.search", { text: wanted, defaultValue: "" })} />
      ) : (
        <ul className="min-h-0 flex-1 overflow-y-auto border-t border-line" aria-label={t("tab.all")}>
          {found.map((each) => (
            <CatalogueRow key={each.name} indicator={each} chosen={chosen} onAdd={onAdd} />
          ))}
        </ul>
      )}
    </>
  )
}

interface RowProps extends CatalogueListProps {
  indicator: Indicator
}

function CatalogueRow({ indicator, chosen, onAdd }: RowProps) {
  const { t } = useTranslation("indicators")
  const marked = useShelf((shelf) => shelf.favourites.includes(indicator.name))
  const toggle = useShelf((shelf) => shelf.toggle)
  const [name, count] = [t(`name.${indicator.name}`), chosen.filter((each) => each.name === indicator.name).length]
  const star = <Star {...ICON} className={marked ? "fill-current text-warn" : "text-faint"} />
  return (
    <li className="flex items-center gap-2 border-b border-line py-2 [content-visibility:auto] [contain-intrinsic-size:auto_3.25rem]">
      <IconButton
        size="sm"
        label={t(marked ? "unmark" : "mark", { name })}
        aria-pressed={marked}
        icon={star}
        onClick={() => toggle(indicator.name)}
      />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 text-13">
          <span className="font-medium">{name}</span>
          {indicator.repaints && <Badge kind="warn">{t("repaints")}</Badge>}
          {count > 0 && <span className="text-12 text-muted">{t("on_chart", { count })}</span>}
        </p>
        <p className="text-12 text-muted">{t(`what.${indicator.name}`)}</p>
      </div>
      <Button size="sm" aria-label={t("add", { name })} disabled={isFull(chosen)} onClick={() => onAdd(indicator)}>
        <Plus {...ICON} size={14} />
        {t("add_short")}
      </Button>
    </li>
  )
}
