/** Own open orders on the price axis: lines to drag, with a cross to cancel. HTML over the canvas, so that all can use it. */

import type { Market } from "@cse/core"
import { useEffect, useMemo, useRef } from "react"
import { useOpenOrders } from "@/app/data/orders"
import type { ChartEngine } from "../engine/chart-engine"
import type { Painted } from "../engine/paint-hook"
import { columnsOf } from "./columns"
import { linesOf } from "./lines"
import { OrderLineView } from "./order-line"

/** Room for one label, CSS pixels. */
const COLUMN_PX = 224

export function OrderLines({ engine, market }: { engine: ChartEngine; market: Market }) {
  const { orders } = useOpenOrders(market.market)
  const lines = useMemo(() => linesOf(orders), [orders])
  const layer = useRef<HTMLDivElement>(null)
  const axis = useAxis(engine, layer, lines.length)
  return (
    <div ref={layer} className="pointer-events-none absolute start-0 top-0 z-10 overflow-hidden" data-testid="order-lines">
      {lines.map((line) => (
        <OrderLineView key={line.key} line={line} market={market} priceAt={(y) => priceAt(axis.current, y)} place={(element, price) => place(axis.current, element, price)} />
      ))}
    </div>
  )
}

/** Keeps the layer over the price pane and every line at its price, in the frame in which the chart was drawn. */
function useAxis(engine: ChartEngine, layer: React.RefObject<HTMLDivElement | null>, count: number): React.RefObject<Painted | null> {
  const axis = useRef<Painted | null>(null)
  useEffect(() => {
    return engine.onPaint((painted) => {
      axis.current = painted
      const element = layer.current
      if (!element) return
      element.style.width = `${painted.width}px`
      element.style.height = `${painted.height}px`
      const lines = [...element.querySelectorAll<HTMLElement>("[data-price]")]
      const places = lines.map((line) => place(painted, line, line.dataset.price ?? "") ?? Number.NaN)
      for (const [index, column] of columnsOf(places).entries()) setAside(lines[index], column, painted.width)
    })
  }, [engine, layer])
  useEffect(() => {
    if (count > 0) engine.repaint()
  }, [engine, count])
  return axis
}

/** A line is not dragged out of sight: it would lose the pointer and the focus. */
function priceAt(painted: Painted | null, y: number): number | null {
  return painted ? painted.yAxis.convertFromPixel(Math.min(Math.max(1, y), painted.height - 1)) : null
}

/** Returns where the line stands, CSS pixels from the top. */
function place(painted: Painted | null, line: HTMLElement, price: string): number | null {
  line.dataset.price = price
  if (!painted) return null
  const y = painted.yAxis.convertToPixel(Number(price))
  const inside = y >= 0 && y <= painted.height
  const moved = `translateY(${y}px)`
  if (line.style.transform !== moved) line.style.transform = moved
  const seen = inside ? "" : "hidden"
  if (line.style.visibility !== seen) line.style.visibility = seen
  return y
}

function setAside(line: HTMLElement | undefined, column: number, width: number): void {
  const columns = Math.max(1, Math.floor(width / COLUMN_PX))
  const aside = `${8 + (column % columns) * COLUMN_PX}px`
  if (line && line.style.getPropertyValue("--aside") !== aside) line.style.setProperty("--aside", aside)
}
