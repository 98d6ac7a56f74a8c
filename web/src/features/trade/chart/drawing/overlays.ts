/** Between drawings as they are kept and the chart library's overlays. */

import type { DeepPartial, Overlay, OverlayCreate, OverlayStyle, Point } from "klinecharts"
import { faded, type Tokens } from "../engine/tokens"
import { LIMITS } from "../layouts/schema"
import { type Drawing, type DrawingColor, isTool } from "./drawing"

export const GROUP = "cse_drawings"

/** What an overlay of ours carries; `label` is the library's field for the text of its notes. */
export interface Carried {
  color: DrawingColor
  width: Drawing["width"]
  text: string
}

export function stylesOf(tokens: Tokens, { color, width }: Carried): DeepPartial<OverlayStyle> {
  const ink = tokens[color]
  const shape = { color: faded(ink, 0.14), borderColor: ink, borderSize: width }
  const paper = { color: tokens.canvas, backgroundColor: ink, borderColor: ink }
  return {
    line: { color: ink, size: width },
    rect: shape,
    polygon: { ...shape, color: ink },
    circle: shape,
    arc: { color: ink, size: width },
    text: paper,
    point: { color: ink, borderColor: faded(ink, 0.35), activeColor: ink, activeBorderColor: faded(ink, 0.35) },
  }
}

export function overlayOf(drawing: Drawing, tokens: Tokens): OverlayCreate {
  const points = drawing.points.map(({ timestamp, value }) => ({
    ...(timestamp === null ? {} : { timestamp }),
    ...(value === null ? {} : { value }),
  }))
  return { id: drawing.id, name: drawing.tool, groupId: GROUP, points, extendData: textOf(drawing), styles: stylesOf(tokens, drawing) }
}

/** The library's notes show `extendData`: never nothing, or there would be nothing to take hold of. */
export function textOf({ text }: { text: string }): string {
  return text === "" ? "…" : text
}

/** Returns a finished overlay as a drawing; null if it is none of ours. */
export function drawingOf(overlay: Overlay, carried: Carried): Drawing | null {
  if (!isTool(overlay.name)) return null
  return { id: overlay.id, tool: overlay.name, points: thinned(overlay.points).map(placeOf), ...carried }
}

function placeOf({ timestamp, value }: Partial<Point>): Drawing["points"][number] {
  return { timestamp: timestamp ?? null, value: value ?? null }
}

/** Every second, third ... point, so that a long stroke fits what is kept; both ends stay. */
function thinned<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / (LIMITS.points - 1))
  return every <= 1 ? points : points.filter((_, index) => index % every === 0 || index === points.length - 1)
}
