import { useTranslation } from "react-i18next"
import { fullTime, printTime, relativeTime, type TimeForm } from "@/i18n/time"
import { useNow } from "./use-now"

export interface TimeProps {
  /** Unix milliseconds. */
  at: number | null | undefined
  form?: TimeForm | "relative" | undefined
  className?: string | undefined
}

/** A time as this person reads it; its zone, to the millisecond, is a hover away. */
export function Time({ at, form = "datetime", className }: TimeProps) {
  const { i18n } = useTranslation()
  const now = useNow(form === "relative" ? 15_000 : null)
  if (at === null || at === undefined) return <span className="text-faint">–</span>
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at, i18n.language)} className={className}>
      {/* Its words run as their language does, also among numbers, which run from left to right. */}
      <bdi>{form === "relative" ? relativeTime(at, now, i18n.language) : printTime(at, i18n.language, form)}</bdi>
    </time>
  )
}
