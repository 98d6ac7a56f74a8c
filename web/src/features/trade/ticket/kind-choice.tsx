/** Side and type of the order. */

import { useTranslation } from "react-i18next"
import { SegmentedControl } from "@/components/segmented-control"
import { cx } from "@/components/class-names"
import { hasPrice, isTriggered, type OrderType, type Side } from "./draft"
import type { Ticket } from "./use-ticket"

type Kind = "limit" | "market" | "stop" | "take"

const TYPES: Readonly<Record<Kind, readonly [plain: OrderType, limit: OrderType]>> = {
  limit: ["limit", "limit"],
  market: ["market", "market"],
  stop: ["stop_loss", "stop_loss_limit"],
  take: ["take_profit", "take_profit_limit"],
}

const SIDES: readonly Side[] = ["buy", "sell"]
const LOOKS: Readonly<Record<Side, string>> = {
  buy: "aria-checked:border-up aria-checked:bg-up/12 aria-checked:text-up",
  sell: "aria-checked:border-down aria-checked:bg-down/12 aria-checked:text-down",
}

/** Buy or sell. */
export function SideChoice({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation("trade")
  const { draft, change } = ticket
  return (
    <div role="radiogroup" aria-label={t("ticket.side")} className="grid grid-cols-2 gap-1">
      {SIDES.map((side) => (
        <button
          key={side}
          type="button"
          role="radio"
          aria-checked={draft.side === side}
          tabIndex={draft.side === side ? 0 : -1}
          onClick={() => change({ side })}
          onKeyDown={(event) => {
            if (!event.key.startsWith("Arrow")) return
            event.preventDefault()
            change({ side: side === "buy" ? "sell" : "buy" })
            const other = side === "buy" ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling
            if (other instanceof HTMLElement) other.focus()
          }}
          className={cx(
            "h-9 rounded-input border border-line-strong text-13 font-medium text-muted transition-colors duration-120 hover:text-text aria-checked:font-semibold",
            LOOKS[side],
          )}
        >
          {t(`ticket.sides.${side}`)}
        </button>
      ))}
    </div>
  )
}

/** Limit, market, stop-loss, take-profit; the last two at the market or at a limit. */
export function TypeChoice({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation("trade")
  const { draft, change } = ticket
  const kind = kindOf(draft.type)
  return (
    <div className="flex flex-col gap-2">
      <SegmentedControl
        label={t("ticket.type")}
        size="sm"
        value={kind}
        onChange={(next) => change({ type: TYPES[next][hasPrice(draft.type) ? 1 : 0] })}
        options={(["limit", "market", "stop", "take"] as const).map((value) => ({ value, label: t(`ticket.kinds.${value}`) }))}
        className="w-full *:px-1"
      />
      {isTriggered(draft.type) && (
        <SegmentedControl
          label={t("ticket.then")}
          size="sm"
          value={hasPrice(draft.type) ? "limit" : "market"}
          onChange={(next) => change({ type: TYPES[kind][next === "limit" ? 1 : 0] })}
          options={(["market", "limit"] as const).map((value) => ({ value, label: t(`ticket.thens.${value}`) }))}
          className="w-full"
        />
      )}
    </div>
  )
}

function kindOf(type: OrderType): Kind {
  if (type === "limit" || type === "market") return type
  return type.startsWith("stop") ? "stop" : "take"
}
