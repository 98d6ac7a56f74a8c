/**
 * The service worker: the app opens without a network. It keeps the app's own files, never an answer of the API, and
 * a page comes from the network whenever there is one. Built under the fixed name /sw.js (plugins/service-worker.ts).
 */

/** What of the worker's world is used here; TypeScript's own types of it do not go together with those of pages. */
interface Worker {
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
}
interface Extendable {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Extendable {
  request: Request
  respondWith(answer: Promise<Response>): void
}

const worker = globalThis as unknown as Worker

/** The files that every page needs, put in by the build. */
const SHELL = JSON.parse("%SHELL%") as readonly string[]
const VERSION = "%VERSION%"
const SHELL_CACHE = `cse-shell-${VERSION}`
/** Hashed files that were used, of this version and those before: tabs that are still open go on with theirs. */
const ASSETS_CACHE = "cse-assets"
const MOST_ASSETS = 300

/** The server's own: never touched here. */
const NOT_OURS = /^\/(api|ws|udf|docs|feeds|dev|static|metrics)(\/|$)/

worker.addEventListener("install", (event) => event.waitUntil(keepShell()))
worker.addEventListener("activate", (event) => event.waitUntil(tidy()))
worker.addEventListener("message", ({ data }) => {
  if (data === "take-over") void worker.skipWaiting()
})
worker.addEventListener("fetch", (event) => {
  const { request } = event
  const url = new URL(request.url)
  const isOurs = request.method === "GET" && url.origin === location.origin && !NOT_OURS.test(url.pathname)
  if (!isOurs || request.headers.has("Authorization")) return
  if (request.mode === "navigate") {
    if (!url.pathname.includes(".")) event.respondWith(page(request))
  } else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request))
  else if (SHELL.includes(url.pathname)) event.respondWith(newest(request))
})

async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL_CACHE)
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: "no-cache" })))
}

/** Lets go of shells of other versions, and of the oldest files when there are many. */
async function tidy(): Promise<void> {
  const names = await caches.keys()
  const old = names.filter((name) => name.startsWith("cse-shell-") && name !== SHELL_CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
  const assets = await caches.open(ASSETS_CACHE)
  const kept = await assets.keys()
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST_ASSETS)).map((request) => assets.delete(request)))
  await worker.clients.claim()
}

/** A page of the app: from the network; without one the shell, whose answer keeps its own policy and nonce. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request)
    if (answer.status < 502 || answer.status > 504) return answer
  } catch {
    // no network: the shell says so
  }
  return (await caches.match("/", { cacheName: SHELL_CACHE })) ?? Response.error()
}

/** A file with a digest in its name: what is kept is right for ever. */
async function asset(request: Request): Promise<Response> {
  const kept = (await caches.match(request, { cacheName: SHELL_CACHE })) ?? (await caches.match(request))
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    const copy = answer.clone()
    const cache = await caches.open(ASSETS_CACHE)
    await cache.put(request, copy)
  }
  return answer
}

/** A file that may change under its name: from the network, else as it was. */
async function newest(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch {
    return (await caches.match(request, { cacheName: SHELL_CACHE })) ?? Response.error()
  }
}
