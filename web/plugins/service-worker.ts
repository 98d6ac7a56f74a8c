/** Tells the service worker which files make the shell: those that index.html loads at once. */

import { createHash } from "node:crypto"
import type { Plugin, Rolldown } from "vite"

/** Files of public/ that every page loads. */
const ALWAYS = ["/", "/theme.js", "/mark.svg", "/manifest.webmanifest", "/icon-192.png"]

/** Puts list and version into the chunk that src/sw/service-worker.ts became. */
export function serviceWorker(): Plugin {
  return {
    name: "cse-service-worker",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const chunks = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? [file] : []))
        const worker = chunks.find((chunk) => chunk.fileName === "sw.js")
        const start = chunks.find((chunk) => chunk.isEntry && chunk !== worker)
        if (!worker || !start) throw new Error("the build has no sw.js or no start")
        if (worker.imports.length > 0) throw new Error("the service worker must not import anything")
        const names = Object.keys(bundle).sort()
        const shell = [...ALWAYS, ...[...neededBy(start, chunks), ...latinFonts(names)].map((name) => `/${name}`)]
        const digest = createHash("sha256").update(JSON.stringify(names)).update(worker.code).digest("hex")
        worker.code = filled(worker.code, shell, digest.slice(0, 12))
      },
    },
  }
}

/** The files that load with the start: what it imports, and their styles. */
function neededBy(start: Rolldown.OutputChunk, chunks: readonly Rolldown.OutputChunk[]): ReadonlySet<string> {
  const needed = new Set([start.fileName])
  for (const name of needed) {
    const chunk = chunks.find((each) => each.fileName === name)
    for (const other of [...(chunk?.imports ?? []), ...(chunk?.viteMetadata?.importedCss ?? [])]) needed.add(other)
  }
  return needed
}

function filled(code: string, shell: readonly string[], version: string): string {
  const done = code
    .replace(/(["'`])%SHELL%\1/, () => JSON.stringify(JSON.stringify(shell)))
    .replace("%VERSION%", version)
  if (done.includes("%SHELL%") || done.includes("%VERSION%")) throw new Error("sw.js was not filled in")
  return done
}

/** The text's own font; the others come when they are used. */
function latinFonts(files: readonly string[]): readonly string[] {
  return files.filter((name) => /\/geist-latin-wght-normal-[^/]*\.woff2$/.test(name))
}
