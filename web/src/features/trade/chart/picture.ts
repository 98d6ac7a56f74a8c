/** The chart as a PNG file: candles, indicators, drawings and marks, headed by what it shows. Own orders are left out. */

import type { ChartEngine } from "./engine/chart-engine"
import { FONT, readTokens } from "./engine/tokens"
import type { ChartSettings } from "./layouts/schema"

const HEAD_PX = 36

export async function savePicture(engine: ChartEngine, market: string, settings: ChartSettings): Promise<void> {
  const tokens = readTokens()
  const chart = await loaded(engine.chart.getConvertPictureUrl(true, "png", tokens.surface))
  const scale = window.devicePixelRatio
  const canvas = document.createElement("canvas")
  canvas.width = chart.width
  canvas.height = chart.height + HEAD_PX * scale
  const context = canvas.getContext("2d")
  if (!context) throw new Error("the browser has no canvas")
  context.fillStyle = tokens.surface
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(chart, 0, HEAD_PX * scale)
  context.scale(scale, scale)
  context.font = `600 14px ${FONT}`
  context.fillStyle = tokens.text
  context.fillText(`${market}  ${settings.interval}`, 12, 23)
  context.font = `12px ${FONT}`
  context.fillStyle = tokens.muted
  context.textAlign = "right"
  const now = new Date().toISOString()
  context.fillText(`CS Exchange  ${now.slice(0, 16).replace("T", " ")} UTC`, canvas.width / scale - 12, 23)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"))
  if (blob) download(blob, `${market}-${settings.interval}-${now.slice(0, 19).replaceAll(":", "")}.png`)
}

async function loaded(url: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = url
  await image.decode()
  return image
}

/** Lets the browser save a file. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000) // the browser reads it after the click
}
