import { compare } from "@cse/core"
import { ArrowDown, ArrowUp } from "lucide-react"

/** Which way a price went, as an arrow: colour is never the only sign. */
export function DirectionArrow({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const way = from && to ? compare(to, from) : 0
  if (way === 0) return null
  const Arrow = way > 0 ? ArrowUp : ArrowDown
  return <Arrow aria-hidden size={14} strokeWidth={1.5} className={way > 0 ? "text-up" : "text-down"} />
}
