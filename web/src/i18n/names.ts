/** Each language by its own name: people find theirs without reading another one. */
export const LOCALE_NAMES = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  ja: "日本語",
  "zh-Hans": "简体中文",
  ar: "العربية",
} as const
