import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vitest/config"
import { compressed } from "./plugins/compress.ts"
import { documentation } from "./plugins/docs/plugin.ts"
import { fontPreload } from "./plugins/font-preload.ts"
import { licences } from "./plugins/licences.ts"
import { serviceWorker } from "./plugins/service-worker.ts"

const VERSION = (JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string }).version
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
/** A running exchange for `npm run dev`. */
const EXCHANGE = process.env.CSE_URL ?? "http://127.0.0.1:8000"
/** The exchange takes sessions and streams from its own pages only: the proxy says that ours are. */
const OURS = { target: EXCHANGE, changeOrigin: true, headers: { origin: EXCHANGE } }
/** What every page needs of others' work; the rest goes with the pages that use it. */
const VENDOR = [
  "(react|react-dom|scheduler|i18next|react-i18next|zustand|openapi-fetch|use-sync-external-store)",
  ...["history", "query-core", "react-query", "react-router", "react-store", "router-core", "store"].map((name) => `@tanstack/${name}`),
  ...["toast", "direction", "slot"].map((name) => `@radix-ui/react-${name}`),
]

export default defineConfig({
  plugins: [react(), tailwindcss(), fontPreload(), serviceWorker(), licences(), documentation(), compressed()],
  resolve: {
    alias: {
      "@": path("src"),
      "@cs-exchange/stream": path("../sdk/typescript/src/index.ts"),
    },
  },
  define: { CSE_WEB_VERSION: JSON.stringify(VERSION) },
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: path("../src/cse/gateway/http/web_app"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // a data: URL would need a hole in the content security policy
    modulePreload: { polyfill: false }, // it is an inline script
    target: "es2023",
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: path("index.html"), sw: path("src/sw/service-worker.ts") },
      output: {
        // A service worker is known by its address, so that its name stays.
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        // Few files at the start: what every page uses is one, what others made another that seldom changes.
        codeSplitting: {
          groups: [
            { name: "vendor", test: new RegExp(`node_modules/(${VENDOR.join("|")})/`) },
            // What the pages that a person seldom sees need of ours stays with them.
            { name: "shell", test: /(web\/src\/(app|stream|i18n)\/(?!design|step-up|other-languages|shell\/(palette|keys|display))|packages\/core|sdk\/typescript)[^?]*(?<!\.json)$/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": OURS,
      "/docs": OURS,
      "/static": OURS,
      "/ws": { ...OURS, ws: true },
    },
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "plugins/**/*.test.ts", "src/**/*.test.{ts,tsx}"],
    environment: "node",
  },
})
