import { useEffect, useState } from "react"

/** Returns the clock, Unix ms, anew every `everyMs`; null: the time at which it was first drawn. */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (everyMs === null) return
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
