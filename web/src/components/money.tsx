import { compare, formatDecimal } from "@cse/core"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"

export interface MoneyProps {
  value: string | null | undefined
  asset: string
  /** Gains and losses: a sign always, and their colour. */
  signed?: boolean | undefined
  className?: string | undefined
}

/** Money as gain or loss: sign and colour say the same. Without `signed` it is an Amount. */
export function Money({ value, asset, signed = false, className }: MoneyProps) {
  const { i18n } = useTranslation()
  if (value === null || value === undefined) return <span className={cx("num text-faint", className)}>–</span>
  const direction = compare(value, "0")
  const sign = signed && direction > 0 ? "+" : ""
  const tone = !signed || direction === 0 ? "" : direction > 0 ? "text-up" : "text-down"
  return (
    <span className={cx("num whitespace-nowrap", tone, className)}>
      {sign + formatDecimal(value, i18n.language)}
      <span className="text-muted"> {asset}</span>
    </span>
  )
}
