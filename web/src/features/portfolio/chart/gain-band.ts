/** What lies between value and net deposits, as gain or loss: a background of the chart. */

import type { IPrimitivePaneRenderer, IPrimitivePaneView, ISeriesPrimitive, SeriesAttachedParameter, Time } from "lightweight-charts"
import { type Band, bandsOf, type Edge, type Place } from "./points"

type Attached = SeriesAttachedParameter<Time>

export class GainBand implements ISeriesPrimitive<Time> {
  #attached: Attached | null = null
  #places: readonly Place[] = []
  #fills: readonly [gain: string, loss: string] = ["", ""]
  readonly #views: readonly IPrimitivePaneView[] = [{ zOrder: () => "bottom", renderer: () => this.#renderer() }]

  attached(to: Attached): void {
    this.#attached = to
  }

  detached(): void {
    this.#attached = null
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views
  }

  show(places: readonly Place[]): void {
    this.#places = places
    this.#attached?.requestUpdate()
  }

  colour(gain: string, loss: string): void {
    this.#fills = [gain, loss]
    this.#attached?.requestUpdate()
  }

  #renderer(): IPrimitivePaneRenderer {
    return {
      draw: (target) =>
        target.useBitmapCoordinateSpace(({ context, horizontalPixelRatio, verticalPixelRatio }) => {
          context.save()
          context.scale(horizontalPixelRatio, verticalPixelRatio)
          for (const band of bandsOf(this.#edges())) this.#fill(context, band)
          context.restore()
        }),
    }
  }

  #edges(): readonly Edge[] {
    const attached = this.#attached
    if (!attached) return []
    const scale = attached.chart.timeScale()
    return this.#places.flatMap((place) => {
      const x = scale.timeToCoordinate(place.time as Time)
      const value = attached.series.priceToCoordinate(place.value)
      const deposits = attached.series.priceToCoordinate(place.deposits)
      return x === null || value === null || deposits === null ? [] : [{ x, value, deposits }]
    })
  }

  #fill(context: CanvasRenderingContext2D, { gain, edges }: Band): void {
    context.beginPath()
    for (const { x, value } of edges) context.lineTo(x, value)
    for (const { x, deposits } of edges.toReversed()) context.lineTo(x, deposits)
    context.closePath()
    context.fillStyle = this.#fills[gain ? 0 : 1]
    context.fill()
  }
}
