/** The start of the app. */

import "./app.css"
import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { setNonce } from "get-nonce"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { live } from "@/app/exchange"
import { awaitInstallOffer } from "@/app/install"
import { applyPreferences } from "@/app/preferences"
import { startPresence } from "@/app/presence"
import { queries } from "@/app/query"
import { router } from "@/app/router"
import { startUpdates } from "@/app/updates"
import { startTexts } from "@/i18n"

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
if (nonce) setNonce(nonce)

const root = document.getElementById("root")
if (!root) throw new Error("index.html has no #root")

applyPreferences()
awaitInstallOffer()
await startTexts()
live.start()
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
await startPresence({ leave: () => router.navigate({ to: "/" }), look: () => router.invalidate() })
startUpdates()
