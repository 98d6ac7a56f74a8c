/** A market that is not open says so where nobody can miss it. */

import type { Market } from "@cse/core"
import { Ban, CirclePause, Lock } from "lucide-react"
import { useTranslation } from "react-i18next"
import { Badge } from "@/components/badge"
import { cx } from "@/components/class-names"

const ICONS = { halted: CirclePause, cancel_only: Ban, closed: Lock }

/** Across the page: what is the matter, and what can still be done. */
export function StatusBanner({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  if (market.status === "open") return null
  const Icon = ICONS[market.status]
  return (
    <div
      role="alert"
      className={cx(
        "flex shrink-0 items-center gap-3 border-b px-4 py-2 text-13",
        market.status === "closed" ? "border-danger/50 bg-danger/12" : "border-warn/50 bg-warn/12",
      )}
    >
      <Icon aria-hidden size={16} strokeWidth={1.5} className={market.status === "closed" ? "text-danger" : "text-warn"} />
      <p>
        <strong className="font-semibold">{t(`status.${market.status}.title`, { market: market.market })}</strong>{" "}
        <span className="text-muted">{t(`status.${market.status}.body`)}</span>
      </p>
    </div>
  )
}

export function StatusBadge({ market }: { market: Market }) {
  const { t } = useTranslation("trade")
  if (market.status === "open") return null
  return <Badge kind={market.status === "closed" ? "down" : "warn"}>{t(`status.${market.status}.word`)}</Badge>
}
