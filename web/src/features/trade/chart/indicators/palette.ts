/** Colours of indicators: made of the design's tokens, so that they change with the theme. */

import { onTokens, readTokens, type Tokens } from "../engine/tokens"

export interface Palette {
  /** Of lines, in the order in which they are taken. */
  readonly lines: readonly string[]
  readonly up: string
  readonly down: string
  readonly quiet: string
}

const mixed = (a: string, b: string): string => `color-mix(in oklab, ${a}, ${b})`

export function paletteOf({ info, warn, up, down, text, muted }: Tokens): Palette {
  const lines = [info, warn, mixed(info, down), mixed(info, up), mixed(warn, down), mixed(warn, up), text]
  return { lines, up, down, quiet: muted }
}

let current: Palette | null = null
let watched = false

/** Return today's colours; they are read again after the theme changed. */
export function palette(): Palette {
  if (!watched) {
    watched = true
    onTokens(() => {
      current = null
    })
  }
  current ??= paletteOf(readTokens())
  return current
}

/** How many lines have a colour of their own. */
export const TINTS = 7

/** Return the colour of an indicator's line: its lines follow each other in the palette from `tint` on. */
export const lineColor = ({ lines }: Palette, tint: number, line: number): string =>
  lines[(tint + line) % lines.length] ?? "currentcolor"
