/** Above the book: which sides, how coarse, sums or single levels; and the names of the columns. */

import { formatDecimal, type Market } from "@cse/core"
import { AlignHorizontalSpaceAround, PanelBottom, PanelTop } from "lucide-react"
import { useTranslation } from "react-i18next"
import { SegmentedControl } from "@/components/segmented-control"
import { Select } from "@/components/select"
import { type BookView, useTradeSettings } from "../settings"

const ICONS = { both: AlignHorizontalSpaceAround, asks: PanelTop, bids: PanelBottom }

export function BookHead({ market, step, choices }: { market: Market; step: string; choices: readonly string[] }) {
  const { t, i18n } = useTranslation("trade")
  const { bookView, cumulative, steps, set } = useTradeSettings()
  const offered = choices.includes(step) ? choices : [...choices, step]
  return (
    <header className="shrink-0">
      <div className="flex h-9 items-center gap-1.5 border-b border-line px-3">
        <h2 className="me-auto truncate text-12 font-medium">{t("book.title")}</h2>
        <SegmentedControl<BookView>
          label={t("book.view")}
          size="sm"
          value={bookView}
          onChange={(next) => set({ bookView: next })}
          className="*:px-1.5"
          options={(["both", "bids", "asks"] as const).map((value) => ({ value, label: <ViewIcon view={value} /> }))}
        />
        <Select
          label={t("book.step")}
          size="sm"
          value={step}
          className="w-[5.75rem] shrink-0"
          onChange={(next) => set({ steps: { ...steps, [market.market]: next } })}
          options={offered.map((value) => ({ value, label: formatDecimal(value, i18n.language) }))}
        />
      </div>
      <div dir="ltr" className="grid h-6 grid-cols-[1.1fr_1fr_1fr] items-center gap-2 px-3 text-11 text-muted">
        <span className="truncate">{t("book.price", { asset: market.quote })}</span>
        <span className="truncate text-end">{t("book.size", { asset: market.base })}</span>
        <button
          type="button"
          title={t("book.cumulative")}
          aria-pressed={cumulative}
          onClick={() => set({ cumulative: !cumulative })}
          className="-me-1 h-6 min-w-0 truncate rounded-input px-1 text-end underline decoration-dotted underline-offset-2 hover:text-text"
        >
          {cumulative ? t("book.sum", { asset: market.base }) : t("book.value", { asset: market.quote })}
        </button>
      </div>
    </header>
  )
}

function ViewIcon({ view }: { view: BookView }) {
  const { t } = useTranslation("trade")
  const Icon = ICONS[view]
  return (
    <>
      <Icon size={14} strokeWidth={1.5} aria-hidden className={view === "asks" ? "text-down" : view === "bids" ? "text-up" : ""} />
      <span className="sr-only">{t(`book.views.${view}`)}</span>
    </>
  )
}
