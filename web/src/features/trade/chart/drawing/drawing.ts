/** A drawing as it is kept: which tool, where, how it looks. */

export const TOOLS = {
  lines: ["segment", "rayLine", "straightLine", "horizontalStraightLine", "horizontalRayLine", "horizontalSegment", "verticalStraightLine", "verticalRayLine", "verticalSegment", "priceLine"],
  channels: ["parallelStraightLine", "priceChannelLine", "fibonacciLine"],
  shapes: ["cse_rectangle", "cse_measure", "brush"],
  notes: ["simpleAnnotation", "simpleTag"],
} as const

export type ToolGroup = keyof typeof TOOLS
export type Tool = (typeof TOOLS)[ToolGroup][number]

export const TOOL_GROUPS = Object.keys(TOOLS) as ToolGroup[]
const ALL: ReadonlySet<string> = new Set(Object.values(TOOLS).flat())

export function isTool(name: string): name is Tool {
  return ALL.has(name)
}

/** Tools that show a text of the person's. */
export function hasText(tool: Tool): boolean {
  return tool === "simpleAnnotation" || tool === "simpleTag"
}

/** Names of the design's tokens, so that a drawing follows the theme. */
export const DRAWING_COLORS = ["info", "brand", "up", "down", "warn", "text"] as const
export type DrawingColor = (typeof DRAWING_COLORS)[number]

export interface Drawing {
  id: string
  tool: Tool
  /** Unix milliseconds and price; a horizontal line has no time, a vertical one no price. */
  points: readonly { timestamp: number | null; value: number | null }[]
  color: DrawingColor
  /** Of its lines, CSS pixels. */
  width: 1 | 2 | 3
  text: string
}
