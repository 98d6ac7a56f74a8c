/** The market of now, and the way to another one: search, favourites, what moves. */

import type { Market } from "@cse/core"
import { ChevronDown } from "lucide-react"
import { lazy } from "react"
import { useTranslation } from "react-i18next"
import { create } from "zustand"
import { keepTyped, stop } from "@/app/type-ahead"
import { Avatar } from "@/components/avatar"
import { Popover } from "@/components/popover"

// With the popover that it stands in: few people open it at first.
const Choice = lazy(() => import("./market-choice"))

/** Whether it is open: the key `/` opens it from elsewhere. */
export const useSwitcher = create<{ open: boolean; set: (open: boolean) => void }>((set) => ({
  open: false,
  set: (open) => {
    if (open) keepTyped()
    else stop()
    set({ open })
  },
}))

export function MarketSwitcher({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  const { open, set } = useSwitcher()
  return (
    <Popover
      align="start"
      label={t("switcher.title")}
      open={open}
      onOpenChange={set}
      className="w-[min(24rem,calc(100vw-1rem))] p-0!"
      trigger={
        <button
          type="button"
          aria-label={t("switcher.open", { market: `${market.base} / ${market.quote}` })}
          className="flex h-full shrink-0 items-center gap-2 border-e border-line px-3 text-start hover:bg-raised"
        >
          <Avatar handle={market.base} size={28} />
          <span className="leading-tight">
            <span className="block text-14 font-semibold">{market.base}</span>
            <bdi dir="ltr" className="block text-11 text-muted rtl:text-end">
              / {market.quote}
            </bdi>
          </span>
          <ChevronDown aria-hidden size={14} strokeWidth={1.5} className="text-muted" />
        </button>
      }
    >
      <Choice current={market.market} close={() => set(false)} />
    </Popover>
  )
}
