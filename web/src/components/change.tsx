import { changePpm, formatPpm } from "@cse/core"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"

export interface ChangeProps {
  from: string | null | undefined
  to: string | null | undefined
  /** Parts per million, in place of from and to. */
  ppm?: number | null | undefined
  className?: string | undefined
}

/** A change in percent: sign and arrow say what the colour says. */
export function Change({ from, to, ppm, className }: ChangeProps) {
  const { i18n } = useTranslation()
  const change = ppm ?? (from && to ? changePpm(from, to) : null)
  if (change === null) return <span className={cx("num text-faint", className)}>–</span>
  const tone = change > 0 ? "text-up" : change < 0 ? "text-down" : "text-muted"
  return (
    <span className={cx("num whitespace-nowrap", tone, className)}>
      <span aria-hidden className="me-0.5 text-[0.7em]">
        {change > 0 ? "▲" : change < 0 ? "▼" : ""}
      </span>
      {formatPpm(change, i18n.language)}
    </span>
  )
}
