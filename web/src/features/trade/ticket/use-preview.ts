/** What the exchange says an order would cost, asked while it is being written. */

import { type Market, type Preview, told } from "@cse/core"
import { useEffect, useState } from "react"
import { api } from "@/app/exchange"
import type { Draft } from "./draft"
import { requestOf } from "./request"

/** A pause in typing before it is asked, ms. */
const PAUSE_MS = 250
/** The book moves: it is asked again so often, ms. */
const AGAIN_MS = 4_000

interface Answer {
  about: string
  preview: Preview | null
}

/** The preview of what stands there now; null while there is none. Typing never waits; the last question wins. */
export function usePreview(market: Market, draft: Draft, enabled: boolean): { preview: Preview | null; pending: boolean } {
  const request = enabled ? requestOf(market, draft, null) : null
  const about = request === null ? "" : JSON.stringify(request)
  const [answer, setAnswer] = useState<Answer>({ about: "", preview: null })
  useEffect(() => {
    if (about === "") return
    const ended = new AbortController()
    const ask = async (): Promise<void> => {
      try {
        const body = JSON.parse(about) as NonNullable<typeof request>
        const preview = told(await api.POST("/api/orders/preview", { body, signal: ended.signal }))
        if (!ended.signal.aborted) setAnswer({ about, preview })
      } catch {
        // The ticket's own checks say what is wrong; without a preview it shows what it knows itself.
        if (!ended.signal.aborted) setAnswer({ about, preview: null })
      }
    }
    const first = setTimeout(() => void ask(), PAUSE_MS)
    const again = setInterval(() => void (document.hidden || ask()), AGAIN_MS)
    return () => {
      ended.abort()
      clearTimeout(first)
      clearInterval(again)
    }
  }, [about])
  const current = answer.about === about && about !== ""
  return { preview: current ? answer.preview : null, pending: about !== "" && !current }
}
