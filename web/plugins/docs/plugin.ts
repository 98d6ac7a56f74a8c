/** Builds the documentation into the app: /docs, a page for each Markdown file that is for people outside. */

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Plugin } from "vite"
import { groupsOf, layout, overview } from "./layout.ts"
import { docsPages, type Sources } from "./pages.ts"

const DOCS = fileURLToPath(new URL("../../../docs", import.meta.url))
const HERE = fileURLToPath(new URL(".", import.meta.url))
/** Decisions are for who changes the exchange: they stay in the repository. */
const FOLDERS = ["guides", "reference", "operating"]

/** Every Markdown file of these folders. */
export function readSources(): Sources {
  const names = FOLDERS.flatMap((folder) => readdirSync(join(DOCS, folder)).map((file) => `${folder}/${file}`))
  return new Map(names.filter((name) => name.endsWith(".md")).map((name) => [name.replace(/\.md$/, ""), readFileSync(join(DOCS, name), "utf8")]))
}

/** Writes the pages beside the app, in the app's colours and letters. */
export function documentation(): Plugin {
  return {
    name: "cse-docs",
    apply: "build",
    generateBundle(_options, bundle) {
      const app = Object.keys(bundle).filter((name) => /\/index-[^/]*\.css$/.test(name))
      if (app.length === 0) throw new Error("the build has no style sheet of its start")
      const styles = [...app.map((name) => `/${name}`), "/docs/docs.css"]
      const pages = docsPages(readSources())
      const groups = groupsOf(pages)
      const write = (fileName: string, source: string): void => void this.emitFile({ type: "asset", fileName, source })
      for (const page of pages) write(`docs/${page.name}.html`, layout(page, groups, styles))
      write("docs/index.html", overview(groups, styles))
      write("docs/docs.css", readFileSync(join(HERE, "docs.css"), "utf8"))
      write("docs/before.js", readFileSync(join(HERE, "before.js"), "utf8"))
    },
  }
}
