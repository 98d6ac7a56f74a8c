/** Volume per candle, in a small pane below the prices; its colour is the candle's direction. */

import { type Chart, type KLineData, registerIndicator } from "klinecharts"

const VOLUME = "chart_volume"
const PANE_PX = 72

interface Row {
  volume: number
  up: boolean
}

let registered = false

function register(): void {
  if (registered) return
  registered = true
  registerIndicator<Row>({
    name: VOLUME,
    series: "volume",
    shouldFormatBigNumber: true,
    minValue: 0,
    figures: [
      {
        key: "volume",
        title: "",
        type: "bar",
        baseValue: 0,
        styles: ({ data: { current }, defaultStyles }) => {
          const colors = defaultStyles?.ohlc
          return { style: "fill", ...(colors ? { color: current?.up ? colors.upColor : colors.downColor } : {}) }
        },
      },
    ],
    calc: (bars: KLineData[]) => bars.map(({ open, close, volume = 0 }) => ({ volume, up: close >= open })),
  })
}

/** `label`: what stands before the number. */
export function showVolume(chart: Chart, shown: boolean, label: string): void {
  register()
  const there = chart.getIndicators({ name: VOLUME }).length > 0
  if (shown && !there) {
    const paneId = "chart_volume_pane"
    chart.createIndicator({ name: VOLUME, shortName: label, paneId, precision: chart.getSymbol()?.volumePrecision ?? 2 })
    chart.setPaneOptions({ id: paneId, height: PANE_PX, minHeight: 40 })
  } else if (!shown && there) chart.removeIndicator({ name: VOLUME })
}
