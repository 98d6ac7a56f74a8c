/** How this person likes the app on this device; kept in the browser, applied to the root element. */

import { LOCALES, type Locale } from "@/i18n/offered"
import { create } from "zustand"
import { persist } from "zustand/middleware"

export { LOCALES, type Locale } from "@/i18n/offered"

export interface Preferences {
  theme: "system" | "light" | "dark"
  contrast: "normal" | "high"
  updown: "green-up" | "red-up" | "blue-orange"
  density: "compact" | "comfortable"
  locale: Locale
  sounds: boolean
  confirmOrders: boolean
  favourites: readonly string[]
}

const DEFAULTS: Preferences = {
  theme: "system",
  contrast: "normal",
  updown: "green-up",
  density: "compact",
  locale: navigator.languages.map(offered).find((each) => each !== undefined) ?? "en",
  sounds: false,
  confirmOrders: true,
  favourites: [],
}

/** What comes nearest to a language that the browser asks for: "de" for "de-AT". */
function offered(asked: string): Locale | undefined {
  return LOCALES.find((each) => asked.toLowerCase().split("-")[0] === each.split("-")[0])
}

interface Store extends Preferences {
  set(change: Partial<Preferences>): void
}

export const usePreferences = create<Store>()(
  persist((set) => ({ ...DEFAULTS, set: (change) => set(change) }), { name: "cse.preferences", version: 1 }),
)

const dark = matchMedia("(prefers-color-scheme: dark)")

/** Puts theme, density, language and direction on the root element, now and whenever they change. */
export function applyPreferences(): void {
  const apply = (): void => {
    const { theme, contrast, updown, density, locale } = usePreferences.getState()
    const root = document.documentElement
    root.dataset.theme = theme === "dark" || (theme === "system" && dark.matches) ? "dark" : "light"
    root.dataset.contrast = contrast
    root.dataset.updown = updown
    root.dataset.density = density
    root.lang = locale
    root.dir = locale === "ar" ? "rtl" : "ltr"
  }
  usePreferences.subscribe(apply)
  dark.addEventListener("change", apply)
  apply()
}
