/** A part of the page over all of it; the whole page is made full screen, so that menus and dialogs show above it. */

import { useCallback, useEffect, useState } from "react"

export function useFullScreen(): { full: boolean; toggle: () => void } {
  const [full, setFull] = useState(false)
  useEffect(() => {
    const changed = (): void => {
      if (!document.fullscreenElement) setFull(false)
    }
    document.addEventListener("fullscreenchange", changed)
    return () => document.removeEventListener("fullscreenchange", changed)
  }, [])
  const toggle = useCallback(() => {
    setFull(!full)
    // Where the browser refuses, the chart still fills the window.
    if (full) void document.exitFullscreen().catch(() => undefined)
    else void document.documentElement.requestFullscreen().catch(() => undefined)
  }, [full])
  return { full, toggle }
}
