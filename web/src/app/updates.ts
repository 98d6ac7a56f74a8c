/** The service worker: the app opens without a network, and says when there is a new version. It never reloads alone. */

import i18next from "i18next"
import { toast } from "@/components/toasts"

/** How often a tab that stays open looks for a new version, ms. */
const LOOK_MS = 30 * 60_000

/** Registers the worker and follows its versions; development builds have none. */
export function startUpdates(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return
  navigator.serviceWorker
    .register("/sw.js")
    .then(follow)
    .catch(() => undefined) // without it the app works, but for the offline page
}

function follow(registration: ServiceWorkerRegistration): void {
  const offer = (): void => {
    const waiting = registration.waiting
    if (waiting && navigator.serviceWorker.controller) offerUpdate(waiting)
  }
  offer()
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer)
  })
  setInterval(() => void registration.update().catch(() => undefined), LOOK_MS) // offline: next time
}

let offered: ServiceWorker | null = null

/** Offers the new version; what a person types is theirs until they say so. */
function offerUpdate(waiting: ServiceWorker): void {
  if (offered === waiting) return
  offered = waiting
  const t = i18next.getFixedT(null, "common")
  toast("info", t("update.title"), t("update.body"), { label: t("update.reload"), run: () => reloadWith(waiting) })
}

function reloadWith(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
  waiting.postMessage("take-over")
}
