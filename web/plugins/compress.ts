/** Writes a .br and a .gz beside every built file that shrinks by it, so that the gateway never compresses. */

import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import type { Plugin } from "vite"

const TEXT = /\.(js|css|html|svg|json|webmanifest)$/
/** Below this the headers weigh more than what is saved; bytes. */
const LEAST = 1_024

/** Compresses what a build wrote; `index.html` stays as it is, since it gets a nonce in each response. */
export function compressed(): Plugin {
  let folder = ""
  return {
    name: "cse-compressed",
    apply: "build",
    configResolved: (config) => void (folder = config.build.outDir),
    writeBundle: async () => {
      const entries = await readdir(folder, { recursive: true })
      await Promise.all(
        entries.filter((name) => TEXT.test(name) && name !== "index.html").map((name) => compress(join(folder, name))),
      )
    },
  }
}

async function compress(path: string): Promise<void> {
  const plain = await readFile(path)
  if (plain.length < LEAST) return
  const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
  const gzip = gzipSync(plain, { level: 9 })
  if (brotli.length < plain.length) await writeFile(`${path}.br`, brotli)
  if (gzip.length < plain.length) await writeFile(`${path}.gz`, gzip)
}
