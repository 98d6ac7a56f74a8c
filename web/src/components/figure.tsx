/** Money that is looked at first: every digit, those below a hundredth of a unit faint. */

import { formatDecimal, scaleOf } from "@cse/core"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"

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
    <span className={cx("num", className)}>
      <span className="whitespace-nowrap">
        {printed.slice(0, cut)}
        <span className="faint-digits text-[0.6em]">{printed.slice(cut)}</span>
      </span>
      <span className="text-[0.6em] text-muted"> {asset}</span>
    </span>
  )
}
