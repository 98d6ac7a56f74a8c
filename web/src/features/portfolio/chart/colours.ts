/** The design's colours for a library that reads rgb alone: the browser paints each token once, and we look. */

const NAMES = ["surface", "line", "line-strong", "text", "muted", "up", "down"] as const
type Token = (typeof NAMES)[number]

export type Colours = (token: Token, opacity?: number) => string

/** Reads the tokens as they are now; the answer prints one as rgba with an opacity from 0 to 1. */
export function readColours(root: Element = document.documentElement): Colours {
  const style = getComputedStyle(root)
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = 1
  const context = canvas.getContext("2d", { willReadFrequently: true })
  const painted = new Map<Token, string>()
  for (const name of NAMES) {
    if (!context) break
    context.fillStyle = style.getPropertyValue(`--${name}`).trim()
    context.fillRect(0, 0, 1, 1)
    painted.set(name, context.getImageData(0, 0, 1, 1).data.slice(0, 3).join(", "))
  }
  return (token, opacity = 1) => `rgba(${painted.get(token) ?? "128, 128, 128"}, ${opacity})`
}

/** Calls `changed` after the theme, contrast or colours of direction changed; returns what ends that. */
export function onColours(changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ["data-theme", "data-contrast", "data-updown"] })
  return () => observer.disconnect()
}
