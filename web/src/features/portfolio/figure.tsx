/** Money that is looked at first: every digit, those below a hundredth of a unit faint. */

import { compare, formatDecimal, scaleOf } from "@cse/core"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"

/** Decimals that matter at a glance. */
const MATTER = 2

interface FigureProps {
  value: string
  asset: string
  className?: string | undefined
}

export function Figure({ value, asset, className }: FigureProps) {
  const { i18n } = useTranslation()
  const printed = formatDecimal(value, i18n.language)
  const cut = printed.length - Math.max(0, scaleOf(value) - MATTER)
  return (
    <span className={cx("num whitespace-nowrap", className)}>
      {printed.slice(0, cut)}
      <span className="faint-digits text-[0.6em]">{printed.slice(cut)}</span>
      <span className="text-[0.6em] text-muted"> {asset}</span>
    </span>
  )
}

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
