/** The pointer, the keys and the exchange around the states of drag.ts. */

import type { Market } from "@cse/core"
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useReducer, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { usePreferences } from "@/app/preferences"
import { problemText } from "@/app/problem-text"
import { toast } from "@/components/toasts"
import { amendOrder, cancelOrder } from "./acts"
import { type Drag, dragged, shownPrice } from "./drag"
import type { OrderLine } from "./lines"
import { snap, stepped } from "./snap"

/** How far a press may wander and still be none, CSS pixels. */
const SLACK_PX = 3
const ARROWS: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1 }

export interface Dragging {
  drag: Drag
  cancelling: boolean
  handlers: {
    onPointerDown: (event: PointerEvent) => void
    onPointerMove: (event: PointerEvent) => void
    onPointerUp: () => void
    onPointerCancel: () => void
    onKeyDown: (event: KeyboardEvent) => void
    onBlur: () => void
  }
  agree: () => void
  dismiss: () => void
  cancel: () => void
}

export function useDrag(line: OrderLine, market: Market, root: RefObject<HTMLElement | null>, priceAt: (y: number) => number | null): Dragging {
  const { t } = useTranslation("chart")
  const [drag, tell] = useReducer(dragged, { at: "rest" })
  const [cancelling, setCancelling] = useState(false)
  const ask = usePreferences((preferences) => preferences.confirmOrders)
  const pressed = useRef<{ y: number; moved: boolean } | null>(null)
  const { order, lever } = line

  useEffect(() => tell({ do: "changed" }), [order])
  useEffect(() => {
    if (drag.at !== "sending") return
    amendOrder(order.id, lever, drag.price).then(
      () => tell({ do: "answered" }),
      (problem: unknown) => {
        tell({ do: "refused" })
        toast("down", t("order.notMoved"), problemText(t, problem))
      },
    )
    // Sent once for each time that it is let go: not again when the texts or the order change meanwhile.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [drag.at])

  const release = (): void => tell({ do: "release", from: line.price, ask })
  const cancel = (): void => {
    setCancelling(true)
    cancelOrder(order.id).catch((problem: unknown) => {
      setCancelling(false)
      toast("down", t("order.notCancelled"), problemText(t, problem))
    })
  }
  const handlers = {
    onPointerDown: (event: PointerEvent): void => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      pressed.current = { y: event.clientY, moved: false }
    },
    onPointerMove: (event: PointerEvent): void => {
      const press = pressed.current
      if (!press || (!press.moved && Math.abs(event.clientY - press.y) <= SLACK_PX)) return
      press.moved = true
      const value = priceAt(event.clientY - topOf(root.current))
      if (value !== null) tell({ do: "move", price: snap(value, market) })
    },
    onPointerUp: (): void => {
      if (pressed.current?.moved) release()
      pressed.current = null
    },
    onPointerCancel: (): void => {
      pressed.current = null
      tell({ do: "dismiss" })
    },
    onKeyDown: (event: KeyboardEvent): void => {
      const ticks = (ARROWS[event.key] ?? 0) * (event.shiftKey ? 10 : 1)
      if (ticks !== 0) tell({ do: "move", price: stepped(shownPrice(drag, line.price), ticks, market) })
      else if (event.key === "Enter") release()
      else if (event.key === "Escape" && drag.at !== "rest") tell({ do: "dismiss" })
      else if (event.key === "Delete") cancel()
      else return
      event.preventDefault()
      event.stopPropagation()
    },
    onBlur: (): void => {
      if (drag.at === "moving") tell({ do: "dismiss" })
    },
  }
  return { drag, cancelling, handlers, agree: () => tell({ do: "agree" }), dismiss: () => tell({ do: "dismiss" }), cancel }
}

/** The top of the layer that a line moves in. */
function topOf(line: HTMLElement | null): number {
  return line?.parentElement?.getBoundingClientRect().top ?? 0
}
