/** Writes licences.txt: what the app is made of, and the terms of each part, as they ask for. */

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Plugin } from "vite"

interface Manifest {
  name?: string
  version?: string
  license?: string
  dependencies?: Record<string, string>
}

/** Style sheets import these, so that they are no modules. */
const FONTS = Object.keys(manifestOf(fileURLToPath(new URL("..", import.meta.url))).dependencies ?? {}).filter((name) =>
  name.startsWith("@fontsource"),
)

const TERMS = /^(licen[cs]e|notice|copying)/i

/** Collects the terms of every package whose code or fonts are in the build. */
export function licences(): Plugin {
  return {
    name: "cse-licences",
    apply: "build",
    generateBundle() {
      const folders = new Set([...this.getModuleIds()].flatMap((id) => packageFolder(id) ?? []))
      for (const font of FONTS) folders.add(fileURLToPath(new URL(`../node_modules/${font}`, import.meta.url)))
      const parts = [...folders].map(partOf).sort((one, other) => one.localeCompare(other))
      this.emitFile({ type: "asset", fileName: "licences.txt", source: parts.join(`\n\n${"-".repeat(80)}\n\n`) + "\n" })
    },
  }
}

/** The folder of the package that a module is of; null for our own. */
function packageFolder(id: string): string | null {
  const path = id.replace(/^\0/, "").split("?")[0] ?? ""
  if (!path.includes("/node_modules/")) return null
  let folder = dirname(path)
  while (folder.includes("/node_modules/")) {
    if (existsSync(join(folder, "package.json")) && manifestOf(folder).name !== undefined) return folder
    folder = dirname(folder)
  }
  return null
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
}

function partOf(folder: string): string {
  const { name, version, license } = manifestOf(folder)
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  const terms = files.map((entry) => entry.name).filter((name) => TERMS.test(name))
  const texts = terms.map((file) => readFileSync(join(folder, file), "utf8").trim())
  return [`${name ?? ""} ${version ?? ""} (${license ?? "see below"})`, ...texts].join("\n\n")
}
