/** What stands around a page of the documentation: the way to the others, and what is on it. */

import type { DocsPage } from "./pages.ts"

interface Group {
  title: string
  pages: readonly DocsPage[]
}

/** For who works on the exchange itself. */
const INSIDE = new Set(["reference/codec", "reference/database", "reference/journal", "reference/security-tests"])
/** These come first in their group; the others by title. */
const FIRST = ["guides/first-account", "guides/market-data", "reference/api", "reference/websocket", "operating/running"]

export function groupsOf(pages: readonly DocsPage[]): readonly Group[] {
  const within = (folder: string) => pages.filter(({ name }) => name.startsWith(`${folder}/`) && !INSIDE.has(name)).toSorted(order)
  return [
    { title: "Guides", pages: within("guides") },
    { title: "Reference", pages: within("reference") },
    { title: "Operating", pages: within("operating") },
    { title: "Inside", pages: pages.filter(({ name }) => INSIDE.has(name)).toSorted(order) },
  ]
}

function order(one: DocsPage, other: DocsPage): number {
  return place(one) - place(other) || one.title.localeCompare(other.title)
}

function place({ name }: DocsPage): number {
  return FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length
}

/** A page as HTML; `styles` are the addresses of its style sheets. */
export function layout(page: DocsPage, groups: readonly Group[], styles: readonly string[]): string {
  const found = page.headings.map(({ id, text }) => `<li><a href="#${id}">${escaped(text)}</a></li>`).join("")
  const contents = found === "" ? "" : `<nav class="outline-here" aria-labelledby="outline-here"><h2 id="outline-here">On this page</h2><ul>${found}</ul></nav>`
  return whole(page.title, page.lead, styles, `${navigation(groups, page.name)}<main id="content"><article>${page.html}</article></main>${contents}`)
}

/** The first page: all others with what they say at first. */
export function overview(groups: readonly Group[], styles: readonly string[]): string {
  const lists = groups.map(({ title, pages }) => {
    const lines = pages.map(({ name, title: of, lead }) => `<li><a href="/docs/${name}">${escaped(of)}</a><p>${escaped(shortened(lead))}</p></li>`)
    return `<h2>${title}</h2><ul class="pages">${lines.join("")}</ul>`
  })
  const about = "How to trade here, by hand and by program, and how to run an exchange of your own."
  return whole("Docs", about, styles, `${navigation(groups, "")}<main id="content"><h1>Docs</h1><p>${about}</p>${lists.join("")}</main>`)
}

const MOST = 180

function shortened(text: string): string {
  const sentence = /^.*?[.:](?=\s|$)/.exec(text)?.[0] ?? text
  return sentence.length <= MOST ? sentence.replace(/:$/, ".") : `${sentence.slice(0, sentence.lastIndexOf(" ", MOST))} …`
}

function navigation(groups: readonly Group[], current: string): string {
  const lists = groups
    .map(({ title, pages }) => {
      const lines = pages.map(({ name, title: of }) => `<li><a href="/docs/${name}"${name === current ? ' aria-current="page"' : ""}>${escaped(of)}</a></li>`)
      return `<h2>${title}</h2><ul>${lines.join("")}</ul>`
    })
    .join("")
  // Twice: beside the text where there is room, folded above it where there is none. Only one of them is ever shown.
  return `<nav class="aside" aria-label="Docs">${lists}</nav><details class="folded"><summary>All pages</summary><nav aria-label="Docs">${lists}</nav></details>`
}

function whole(title: string, about: string, styles: readonly string[], body: string): string {
  const links = styles.map((href) => `<link rel="stylesheet" href="${href}" />`).join("\n    ")
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(title)} · CS Exchange</title>
    <meta name="description" content="${escaped(shortened(about))}" />
    <link rel="icon" href="/mark.svg" type="image/svg+xml" />
    <script src="/docs/before.js"></script>
    ${links}
  </head>
  <body class="docs">
    <a class="skip" href="#content">Skip to content</a>
    <header><a class="home" href="/"><img src="/mark.svg" alt="" width="20" height="20" />CS Exchange</a><a href="/docs">Docs</a><a href="/api/docs">API reference</a></header>
    <div class="columns">${body}</div>
  </body>
</html>
`
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")
}
