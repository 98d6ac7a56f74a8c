/** Texts by key. A namespace is a feature; each is loaded when its page is, in the language of the preferences. */

import i18next from "i18next"
import { initReactI18next } from "react-i18next"
import { type Locale, usePreferences } from "@/app/preferences"
import { loadFont } from "./fonts"
import common from "./locales/en/common.json"

const english = import.meta.glob<{ default: object }>(["./locales/en/*.json", "!./locales/en/common.json"])

/** Starts i18next; English is the fallback for a text that a language lacks (a check sees that none does). */
export async function startTexts(): Promise<void> {
  await i18next
    .use({
      type: "backend",
      read: (locale: string, namespace: string) => texts(locale, namespace),
    })
    .use(initReactI18next)
    .init({
      lng: usePreferences.getState().locale,
      fallbackLng: "en",
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false }, // React escapes
      returnNull: false,
    })
  void loadFont(usePreferences.getState().locale)
  usePreferences.subscribe(({ locale }) => void change(locale))
}

async function texts(locale: string, namespace: string): Promise<object> {
  if (locale === "en" && namespace === "common") return common
  const files = locale === "en" ? english : (await import("./other-languages")).others
  const load = files[`./locales/${locale}/${namespace}.json`]
  if (!load) throw new Error(`no texts of ${namespace} in ${locale}`)
  return (await load()).default
}

async function change(locale: Locale): Promise<void> {
  if (i18next.language === locale) return
  void loadFont(locale)
  await i18next.changeLanguage(locale)
}
