/** The design's colours for a canvas: custom properties of the root, as text that canvas understands (oklch included). */

const NAMES = ["canvas", "surface", "raised", "line", "line-strong", "text", "muted", "faint", "brand", "on-brand", "up", "down", "warn", "info"] as const
export type Token = (typeof NAMES)[number]
export type Tokens = Readonly<Record<Token, string>>

export { CANVAS_FONT as FONT } from "@/components/canvas-font"

export function readTokens(root: Element = document.documentElement): Tokens {
  const style = getComputedStyle(root)
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Record<Token, string>
}

/** A colour with an opacity from 0 to 1. */
export function faded(color: string, opacity: number): string {
  return `color-mix(in oklch, ${color} ${Math.round(opacity * 100)}%, transparent)`
}

/** Calls `changed` after the theme, contrast or colours of direction changed; returns what ends that. */
export function onTokens(changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ["data-theme", "data-contrast", "data-updown"] })
  return () => observer.disconnect()
}
