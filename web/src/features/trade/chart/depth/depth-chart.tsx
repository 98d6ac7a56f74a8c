/** How much stands in the order book up to each price; the pointer tells price, amount and total, the wheel zooms. */

import { formatDecimal, type Market } from "@cse/core"
import { Minus, Plus } from "lucide-react"
import { type PointerEvent, useEffect, useEffectEvent, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { IconButton } from "@/components/icon-button"
import { useBookPainter } from "@/stream/hooks"
import { onTokens, readTokens } from "../engine/tokens"
import { type Depth, depthOf, levelAt } from "./model"
import { paintDepth, priceAt } from "./paint"

/** Levels of each side; beyond them a book says little. */
const LEVELS = 500
/** How far from the middle the chart reaches, as a share of it. */
const SHARES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5] as const
const FIRST_SHARE = 3
const NONE: Depth = { bids: [], asks: [], mid: null }

export function DepthChart({ market }: { market: Market }) {
  const { t, i18n } = useTranslation("chart")
  const canvas = useRef<HTMLCanvasElement>(null)
  const reading = useRef<HTMLParagraphElement>(null)
  const depth = useRef<Depth>(NONE)
  const pointer = useRef<number | null>(null)
  const [zoom, setZoom] = useState(FIRST_SHARE)
  const [empty, setEmpty] = useState(false)
  const share = SHARES[zoom] ?? 0.05
  const priceText = (price: number): string => formatDecimal(price.toFixed(market.price_decimals), i18n.language)
  const amountText = (amount: number): string => formatDecimal(amount.toFixed(market.quantity_decimals), i18n.language)
  const quoteText = (amount: number): string => formatDecimal(amount.toFixed(2), i18n.language)

  const draw = (): void => {
    const element = canvas.current
    const context = element?.getContext("2d")
    if (!element || !context) return
    const { width, height } = fitted(element, context)
    paintDepth(context, depth.current, { width, height, share, pointer: pointer.current, priceText, amountText }, readTokens())
    tell(width)
  }
  const tell = (width: number): void => {
    if (!reading.current) return
    const price = pointer.current === null ? null : priceAt(depth.current, { share, width }, pointer.current)
    const found = price === null ? null : levelAt(depth.current, price)
    const { mid } = depth.current
    const said = found
      ? t(`depth.${found.side}`, { price: priceText(found.point.price), base: amountText(found.point.base), quote: quoteText(found.point.quote), asset: market.base, quoteAsset: market.quote })
      : mid === null ? "" : t("depth.mid", { price: priceText(mid), quoteAsset: market.quote })
    if (reading.current.textContent !== said) reading.current.textContent = said
  }
  const latest = useEffectEvent(draw)
  useBookPainter(`orderbook.${market.market}`, LEVELS, (book) => {
    depth.current = book ? depthOf(book.bids, book.asks) : depth.current
    setEmpty(book !== null && depth.current.mid === null)
    draw()
  })
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const sizes = new ResizeObserver(() => latest())
    sizes.observe(element)
    const endTokens = onTokens(() => latest())
    return () => {
      sizes.disconnect()
      endTokens()
    }
  }, [])
  useEffect(() => latest()) // renders are rare: another zoom, another language
  const point = (event: PointerEvent<HTMLCanvasElement>): void => {
    pointer.current = event.nativeEvent.offsetX
    draw()
  }
  const leave = (): void => {
    pointer.current = null
    draw()
  }
  return (
    <section dir="ltr" aria-label={t("depth.title", { market: market.market })} className="relative flex size-full min-h-0 flex-col">
      <div className="flex h-7 items-center gap-1 px-2">
        <p ref={reading} className="num min-w-0 flex-1 truncate text-11 text-muted" />
        <IconButton size="sm" label={t("depth.nearer")} disabled={zoom === 0} icon={<Plus size={14} strokeWidth={1.5} aria-hidden />} onClick={() => setZoom(zoom - 1)} />
        <IconButton size="sm" label={t("depth.farther")} disabled={zoom === SHARES.length - 1} icon={<Minus size={14} strokeWidth={1.5} aria-hidden />} onClick={() => setZoom(zoom + 1)} />
      </div>
      <canvas ref={canvas} role="img" aria-label={t("depth.title", { market: market.market })} className="min-h-0 w-full flex-1" onPointerMove={point} onPointerLeave={leave} />
      {empty && <EmptyState className="absolute inset-0" title={t("depth.empty")} body={t("depth.emptyBody")} />}
    </section>
  )
}

/** Gives the canvas the pixels that its place has on this screen. */
function fitted(element: HTMLCanvasElement, context: CanvasRenderingContext2D): { width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = element
  const ratio = window.devicePixelRatio
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (element.width !== wide || element.height !== high) {
    element.width = wide
    element.height = high
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return { width, height }
}
