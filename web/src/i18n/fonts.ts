/** Fonts for scripts that Geist has not: their style sheets load with the language, their files with the letters in sight. */

import type { Locale } from "./offered"

const FONTS: Readonly<Record<string, () => Promise<unknown>>> = {
  ar: () => import("@fontsource-variable/noto-sans-arabic"),
  ja: () => import("@fontsource-variable/noto-sans-jp"),
  "zh-Hans": () => import("@fontsource-variable/noto-sans-sc"),
}

/** Brings the font of a language; without it (offline) the system's own letters stay. */
export async function loadFont(locale: Locale): Promise<void> {
  await FONTS[locale]?.().catch(() => undefined)
}
