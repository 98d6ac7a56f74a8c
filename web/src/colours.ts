/** Colours of the tokens as numbers, for the check of their contrasts: OKLCH, sRGB, WCAG's ratio. */

export interface Oklch {
  l: number
  c: number
  /** Degrees. */
  h: number
}

/** Linear light of red, green and blue, 0 to 1; outside of that range: not to be shown by a screen. */
export type Linear = readonly [number, number, number]

/** Converts by Björn Ottosson's matrices (https://bottosson.github.io/posts/oklab/). */
export function linearOf({ l, c, h }: Oklch): Linear {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)]
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ]
}

/** Relative luminance (WCAG 2.2) of a colour as a screen shows it. */
export function luminance(colour: Oklch): number {
  const [red, green, blue] = linearOf(colour).map((part) => Math.min(1, Math.max(0, part))) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(one: Oklch, other: Oklch): number {
  const [bright, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (bright + 0.05) / (dark + 0.05)
}
