/** Lets the text's own font come with the page: without this it waits for the style sheet. */

import type { Plugin } from "vite"

const LATIN = /\/geist-latin-wght-normal-[^/]*\.woff2$/

/** Names the Latin letters of Geist in the page's head; all other fonts load when their letters are in sight. */
export function fontPreload(): Plugin {
  return {
    name: "cse-font-preload",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const fonts = Object.keys(bundle ?? {}).filter((name) => LATIN.test(name))
        return fonts.map((name) => ({
          tag: "link",
          attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${name}` },
          injectTo: "head" as const,
        }))
      },
    },
  }
}
