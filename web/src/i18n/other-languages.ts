/** The texts of all languages but English: a list of its own, since it is long and most people need none of it. */
export const others = import.meta.glob<{ default: object }>(["./locales/*/*.json", "!./locales/en/*.json"])
