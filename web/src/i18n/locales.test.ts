/**
 * Texts and the program agree: every key that the source asks for exists in English, none is left over, and every
 * language has the same keys, with its own plural forms and the same placeholders.
 */

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { LOCALE_NAMES } from "./names"
import { LOCALES as OFFERED } from "./offered"

const SOURCE = fileURLToPath(new URL("..", import.meta.url))
const LOCALES = join(SOURCE, "i18n/locales")
const PLURAL = /_(zero|one|two|few|many|other)$/

type Texts = ReadonlyMap<string, string>

function flat(value: unknown, prefix = ""): [string, string][] {
  if (typeof value === "string") return [[prefix, value]]
  const entries = Object.entries(value as Record<string, unknown>)
  return entries.flatMap(([key, inner]) => flat(inner, prefix === "" ? key : `${prefix}.${key}`))
}

function textsOf(locale: string): ReadonlyMap<string, Texts> {
  const files = readdirSync(join(LOCALES, locale)).filter((file) => file.endsWith(".json"))
  return new Map(
    files.map((file) => {
      const read: unknown = JSON.parse(readFileSync(join(LOCALES, locale, file), "utf8"))
      return [file.replace(".json", ""), new Map(flat(read))]
    }),
  )
}

const english = textsOf("en")
const sources = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.includes(".test."))
  .map((path) => ({ path, text: readFileSync(join(SOURCE, path), "utf8") }))

/** A key without its plural form. */
function stem(key: string): string {
  return key.replace(PLURAL, "")
}

function has(namespace: string, key: string): boolean {
  const texts = english.get(namespace)
  return texts !== undefined && (texts.has(key) || texts.has(`${key}_other`))
}

/** Namespaces that a file names; one that is handed its `t` may mean any. */
function namespacesIn(text: string): readonly string[] {
  const named = [...text.matchAll(/(?:useTranslation|getFixedT)\((?:null, )?(?:"([\w-]+)")?\)/g)]
  return named.length === 0 ? [...english.keys()] : [...named.map(([, name]) => name ?? "common"), "common"]
}

describe("the source", () => {
  it("asks for no text that English lacks", () => {
    const missing = sources.flatMap(({ path, text }) => {
      const keys = [...text.matchAll(/\bt\(\s*"([^"]+)"/g)].map(([, key]) => key ?? "")
      return keys
        .filter((key) => {
          const [namespace, rest] = key.includes(":") ? (key.split(":") as [string, string]) : [null, key]
          return !(namespace === null ? namespacesIn(text) : [namespace]).some((each) => has(each, rest))
        })
        .map((key) => `${path}: ${key}`)
    })
    expect(missing).toEqual([])
  })

  it("uses every text", () => {
    const all = sources.map(({ text }) => text).join("\n")
    const strings = new Set([...all.matchAll(/["'`]([\w.:-]+)["'`]/g)].map(([, found]) => (found ?? "").replace(/^[\w-]+:/, "")))
    // Keys that are put together: everything that begins as a template does is taken to be used.
    const beginnings = [...all.matchAll(/`(?:[\w-]+:)?([\w-]+\.[\w.-]*)\$\{/g)].map(([, found]) => found ?? "")
    const unused = [...english].flatMap(([namespace, texts]) =>
      [...new Set([...texts.keys()].map(stem))]
        .filter((key) => !strings.has(key) && !beginnings.some((each) => key.startsWith(each)))
        .map((key) => `${namespace}:${key}`),
    )
    expect(unused).toEqual([])
  })
})

/** A language is whole or is not offered. */
const translations = OFFERED.filter((locale) => locale !== "en")

describe("translations", () => {
  it("have their own name in the list", () => {
    expect(OFFERED.filter((locale) => LOCALE_NAMES[locale] === undefined)).toEqual([])
  })

  it.each(translations.flatMap((locale) => [...english.keys()].map((name) => [locale, name] as const)))(
    "are whole: %s %s",
    (locale, namespace) => {
      const texts = textsOf(locale).get(namespace)
      expect(texts && [...texts.keys()].toSorted()).toEqual(keysFor(locale, namespace))
    },
  )

  it.each(translations)("have the placeholders of English: %s", (locale) => {
    const wrong = [...textsOf(locale)].flatMap(([namespace, texts]) =>
      [...texts].filter(([key, text]) => !samePlaceholders(namespace, key, text)).map(([key]) => `${namespace}:${key}`),
    )
    expect(wrong).toEqual([])
  })
})

/** English's keys, with the plural forms that a language has. */
function keysFor(locale: string, namespace: string): string[] {
  const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories
  const keys = [...(english.get(namespace)?.keys() ?? [])]
  const plurals = new Set(keys.filter((key) => key.endsWith("_other")).map(stem))
  const single = keys.filter((key) => !(PLURAL.test(key) && plurals.has(stem(key))))
  return [...single, ...[...plurals].flatMap((key) => forms.map((form) => `${key}_${form}`))].toSorted()
}

/** "{{count}}" may be missing where a form says the number in words: "one", "two". */
function samePlaceholders(namespace: string, key: string, text: string): boolean {
  const texts = english.get(namespace)
  const model = texts?.get(key) ?? texts?.get(`${stem(key)}_other`)
  const placeholders = (of: string): string => [...of.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).filter((name) => !PLURAL.test(key) || name !== "count").toSorted().join()
  return model !== undefined && placeholders(model) === placeholders(text)
}
