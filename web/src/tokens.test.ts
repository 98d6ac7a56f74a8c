/** Every pair of text and ground that the tokens allow can be read: WCAG 2.2 AA in every theme and variant. */

import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { contrast, type Oklch } from "./colours"

const CSS = readFileSync(new URL("tokens.css", import.meta.url), "utf8").replace(/\/\*[^]*?\*\//g, "")

interface Theme {
  theme: "light" | "dark"
  contrast: "normal" | "high"
  updown: "green-up" | "red-up" | "blue-orange"
}

const THEMES = (["light", "dark"] as const).flatMap((theme) =>
  (["normal", "high"] as const).flatMap((contrast) =>
    (["green-up", "red-up", "blue-orange"] as const).map((updown): Theme => ({ theme, contrast, updown })),
  ),
)

/** Declarations that apply to a theme, later and more exact selectors over others, as the browser does. */
function tokensOf(theme: Theme): Map<string, string> {
  const rules = [...CSS.matchAll(/([^{}]+)\{([^{}]*)\}/g)]
    .flatMap(([, selectors = "", body = ""]) => selectors.split(",").map((each) => [each.trim(), body] as const))
    .filter(([selector]) => selector.startsWith(":root"))
  const applying = rules.filter(([selector]) =>
    [...selector.matchAll(/\[data-(\w+)="([^"]+)"\]/g)].every(
      ([, name, value]) => (theme as unknown as Record<string, string>)[name ?? ""] === value,
    ),
  )
  applying.sort(([one], [other]) => (one.match(/\[/g)?.length ?? 0) - (other.match(/\[/g)?.length ?? 0))
  const found = new Map<string, string>()
  for (const [, body] of applying) {
    for (const [, name = "", value = ""] of body.matchAll(/--([\w-]+):\s*([^;]+);/g)) found.set(name, value.trim())
  }
  return found
}

/** The colour of a token, through var(). */
function colour(tokens: ReadonlyMap<string, string>, name: string): Oklch {
  const value = tokens.get(name)
  if (value === undefined) throw new Error(`there is no token --${name}`)
  const other = /^var\(--([\w-]+)\)$/.exec(value)
  if (other) return colour(tokens, other[1] ?? "")
  const parts = /^oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)$/.exec(value)
  if (parts) return { l: Number(parts[1]), c: Number(parts[2]), h: Number(parts[3]) }
  const plain = /^oklch\(([01]) 0 0\)$/.exec(value)
  if (plain) return { l: Number(plain[1]), c: 0, h: 0 }
  throw new Error(`--${name} is no plain colour: ${value}`)
}

const GROUNDS = ["canvas", "surface", "raised", "chosen"]
const TEXTS = ["text", "muted", "faint", "brand", "up", "down", "good", "danger", "warn", "info"]
const ON: readonly (readonly [string, string])[] = [
  ["on-brand", "brand"],
  ["on-side", "up"],
  ["on-side", "down"],
  ["on-side", "danger"],
  ["canvas", "text"], // tooltips
  ["text", "line"], // buttons that are pressed
]

describe.each(THEMES)("theme $theme, contrast $contrast, $updown", (theme) => {
  const tokens = tokensOf(theme)
  const least = theme.contrast === "high" ? 7 : 4.5

  it.each(TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)))("reads %s on %s", (text, ground) => {
    expect(contrast(colour(tokens, text), colour(tokens, ground))).toBeGreaterThanOrEqual(least)
  })

  it.each(ON)("reads %s on %s", (text, ground) => {
    expect(contrast(colour(tokens, text), colour(tokens, ground))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(GROUNDS)("shows boxes that one types into, and the ring of focus, on %s", (ground) => {
    expect(contrast(colour(tokens, "field-line"), colour(tokens, ground))).toBeGreaterThanOrEqual(3)
    expect(contrast(colour(tokens, "brand"), colour(tokens, ground))).toBeGreaterThanOrEqual(3)
  })
})

it("measures contrast as WCAG does", () => {
  const [white, black] = [
    { l: 1, c: 0, h: 0 },
    { l: 0, c: 0, h: 0 },
  ]
  expect(contrast(white, black)).toBeCloseTo(21, 5)
  // #767676 on white is the textbook's 4.54 : 1.
  expect(contrast({ l: 0.5686, c: 0, h: 0 }, white)).toBeCloseTo(4.54, 1)
})
