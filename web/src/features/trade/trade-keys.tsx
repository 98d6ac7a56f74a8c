/** Keys and commands of the terminal; the chart has its own. */

import type { Market } from "@cse/core"
import { useTranslation } from "react-i18next"
import { useCommands } from "@/app/commands"
import { useHotkey } from "@/app/hotkeys"
import { useSwitcher } from "./header/market-switcher"
import { PRESET_NAMES } from "./layout/layout-menu"
import { PRESETS, useTradeSettings } from "./settings"
import { type Draft, useDrafts } from "./ticket/draft"
import { useCancelAll } from "./use-cancel-all"

/** Changes the draft and puts the cursor where a person goes on: at the amount, or at the price. */
function write(market: string, change: Partial<Draft>): void {
  useDrafts.getState().change(market, change)
  requestAnimationFrame(() => {
    const amount = document.querySelector<HTMLInputElement>("[data-field=amount]")
    amount?.focus()
    amount?.select()
  })
}

let preset = 0

function nextPreset(by: number): void {
  preset = (preset + by + PRESET_NAMES.length) % PRESET_NAMES.length
  const name = PRESET_NAMES[preset]
  if (name) useTradeSettings.getState().set(PRESETS[name])
}

interface Act {
  id: string
  keys: string
  run: () => void
}

function actsOf(market: string): Act[] {
  return [
    { id: "buy", keys: "b", run: () => write(market, { side: "buy" }) },
    { id: "sell", keys: "s", run: () => write(market, { side: "sell" }) },
    { id: "limit", keys: "l", run: () => write(market, { type: "limit" }) },
    { id: "market", keys: "m", run: () => write(market, { type: "market" }) },
    { id: "cancelAll", keys: "Shift+c", run: () => useCancelAll.getState().ask(market) },
    { id: "switch", keys: "/", run: () => useSwitcher.getState().set(true) },
    { id: "presetBefore", keys: "[", run: () => nextPreset(-1) },
    { id: "presetAfter", keys: "]", run: () => nextPreset(1) },
  ]
}

export function TradeKeys({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  const acts = actsOf(market.market)
  useCommands(
    acts.map(({ id, keys, run }) => ({ id: `trade.${id}`, label: t(`keys.${id}`), run, keys, group: t("keys.group") })),
  )
  return (
    <>
      {acts.map((act) => (
        <Key key={act.id} act={act} />
      ))}
      <ClearKey market={market.market} />
    </>
  )
}

function Key({ act }: { act: Act }) {
  useHotkey(act.keys, act.run, { id: `trade.${act.id}`, labelKey: `trade:keys.${act.id}`, group: "trade" })
  return null
}

/** Escape clears what was written, also from within a field of the ticket. */
function ClearKey({ market }: { market: string }) {
  const clear = (): void => {
    useDrafts.getState().change(market, { price: "", trigger: "", amount: "" })
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }
  useHotkey("Escape", clear, { id: "trade.clear", labelKey: "trade:keys.clear", group: "trade" })
  return null
}
