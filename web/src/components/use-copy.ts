import { useEffect, useState } from "react"

/** Copies a text; says for a moment what came of it. */
export function useCopy(text: string): { state: "idle" | "copied" | "refused"; copy: () => Promise<void> } {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle")
  useEffect(() => {
    if (state === "idle") return
    const timer = setTimeout(() => setState("idle"), 1_500)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setState("copied")
    } catch {
      setState("refused") // no permission: the text can be marked by hand
    }
  }
  return { state, copy }
}
