/** Gains and losses. */

import { compare, formatDecimal } from "@cse/core"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"

interface GainProps {
  value: string | null
  asset?: string | undefined
  className?: string | undefined
}

/** A gain or a loss: arrow, sign and colour say the same. */
export function Gain({ value, asset, className }: GainProps) {
  const { i18n } = useTranslation()
  if (value === null) return <span className={cx("num text-faint", className)}>–</span>
  const direction = compare(value, "0")
  const tone = direction > 0 ? "text-up" : direction < 0 ? "text-down" : "text-muted"
  return (
    <span className={cx("num whitespace-nowrap", tone, className)}>
      <span aria-hidden className="me-1 text-[0.7em]">
        {direction > 0 ? "▲" : direction < 0 ? "▼" : ""}
      </span>
      {(direction > 0 ? "+" : "") + formatDecimal(value, i18n.language)}
      {asset && <span className="text-muted"> {asset}</span>}
    </span>
  )
}
