/** One line of an own order: what it is, where it stands, how it moves. */

import { formatDecimal, type Market } from "@cse/core"
import { X } from "lucide-react"
import { useEffect, useLayoutEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { cx } from "@/components/class-names"
import { shownPrice } from "./drag"
import type { OrderLine } from "./lines"
import { useDrag } from "./use-drag"

export interface OrderLineProps {
  line: OrderLine
  market: Market
  /** The number on the price axis at a place (CSS pixels from the top of the price pane); null before the first frame. */
  priceAt: (y: number) => number | null
  place: (element: HTMLElement, price: string) => void
}

export function OrderLineView({ line, market, priceAt, place }: OrderLineProps) {
  const { t, i18n } = useTranslation("chart")
  const root = useRef<HTMLDivElement>(null)
  const { drag, cancelling, handlers, agree, dismiss, cancel } = useDrag(line, market, root, priceAt)
  const price = shownPrice(drag, line.price)
  useLayoutEffect(() => {
    if (root.current) place(root.current, price)
  })
  const { order } = line
  const buys = order.side === "buy"
  const print = (decimal: string): string => formatDecimal(decimal, i18n.language)
  const amount = order.remaining_quantity ? `${print(order.remaining_quantity)} ${market.base}` : ""
  const what = t(`order.${order.side}`, { type: t(`order.type.${order.type}`) })
  const busy = drag.at === "sending" || cancelling
  const color = buys ? "border-up" : "border-down"
  return (
    <div ref={root} data-price={price} data-testid={`order-line-${line.key}`} className="absolute inset-x-0 top-0 h-0">
      <div className={cx("absolute inset-x-0 -top-px border-t", line.dashed ? "border-dashed" : "border-solid", color)} />
      <div className={cx("num pointer-events-auto absolute start-[var(--aside)] flex h-6 -translate-y-1/2 items-stretch rounded-input border bg-surface text-11", color, busy && "opacity-60")}>
        <button
          type="button"
          role="slider"
          aria-orientation="vertical"
          aria-label={t(`order.${line.lever}`, { what, amount })}
          aria-valuenow={Number(price)}
          aria-valuetext={`${print(price)} ${market.quote}`}
          aria-busy={busy}
          className={cx("flex cursor-ns-resize touch-none items-center gap-1.5 px-1.5 whitespace-nowrap active:cursor-grabbing", buys ? "text-up" : "text-down")}
          {...handlers}
        >
          <span className="font-medium">{what}</span>
          <span className="text-text">{amount}</span>
          <span className={cx("text-text", drag.at !== "rest" && "font-medium")}>{print(price)}</span>
        </button>
        {drag.at === "asking" && <Ask agree={agree} dismiss={dismiss} />}
        {line.cancels && drag.at !== "asking" && (
          <button
            type="button"
            aria-label={t("order.cancel", { what, amount })}
            disabled={busy}
            onClick={cancel}
            className="grid w-6 place-items-center border-s border-line text-muted hover:bg-raised hover:text-text"
          >
            <X size={12} strokeWidth={1.5} aria-hidden />
          </button>
        )}
      </div>
    </div>
  )
}

/** Asks on the line itself whether the order is to move. */
function Ask({ agree, dismiss }: { agree: () => void; dismiss: () => void }) {
  const { t } = useTranslation("chart")
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape on either button is the second one
    <span className="flex items-center gap-1 border-s border-line px-1" onKeyDown={(event) => event.key === "Escape" && dismiss()}>
      <Button ref={first} size="sm" variant="primary" className="h-5" onClick={agree}>
        {t("order.move")}
      </Button>
      <Button size="sm" variant="ghost" className="h-5" onClick={dismiss}>
        {t("order.keep")}
      </Button>
    </span>
  )
}
