import { formatDecimal } from "@cse/core"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"

export interface AmountProps {
  value: string | null | undefined
  asset: string
  className?: string | undefined
}

/** An amount with its asset: every digit that the API said. */
export function Amount({ value, asset, className }: AmountProps) {
  const { i18n } = useTranslation()
  if (value === null || value === undefined) return <span className={cx("num text-faint", className)}>–</span>
  return (
    <span className={cx("num whitespace-nowrap", className)}>
      {formatDecimal(value, i18n.language)}
      <span className="text-muted"> {asset}</span>
    </span>
  )
}
