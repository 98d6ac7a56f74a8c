/** The browser's offer to install the app, kept until the person asks for it: never a banner of its own accord. */

import { create } from "zustand"

/** Chromium's event; others install by their own menus. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>
}

const useOffer = create<{ offer: InstallOffer | null }>(() => ({ offer: null }))

/** Keeps the offer when it comes. */
export function awaitInstallOffer(): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault()
    useOffer.setState({ offer: event as InstallOffer })
  })
  window.addEventListener("appinstalled", () => useOffer.setState({ offer: null }))
}

/** What installs the app; null where it is installed already, or the browser does not offer it. */
export function useInstall(): (() => void) | null {
  const offer = useOffer((state) => state.offer)
  if (offer === null) return null
  return () => {
    useOffer.setState({ offer: null }) // it can be used once
    void offer.prompt()
  }
}
