/** The languages that a person can choose: those that are whole (locales.test.ts looks at each of them). */

export const LOCALES = ["en", "de", "es", "ja", "zh-Hans", "ar"] as const
export type Locale = (typeof LOCALES)[number]
