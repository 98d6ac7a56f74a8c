import { compare, faintZeros, formatDecimal } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "./class-names"

export interface PriceProps {
  /** A decimal as the API prints it; null: there is none yet. */
  value: string | null | undefined
  /** What it is compared with: above is up, below is down. */
  from?: string | null | undefined
  /** Lights up for a moment when it changes. */
  flash?: boolean | undefined
  className?: string | undefined
}

const TONES: Readonly<Record<number, string>> = { 1: "text-up", [-1]: "text-down" }
const FLASHES: Readonly<Record<number, string>> = { 1: "flash-up", [-1]: "flash-down" }

/** A price, digit for digit; zeros at its end are faint. */
export function Price({ value, from, flash = false, className }: PriceProps) {
  const { i18n } = useTranslation()
  const moved = useMove(value ?? null)
  if (value === null || value === undefined) return <span className={cx("num text-faint", className)}>–</span>
  const printed = formatDecimal(value, i18n.language)
  const cut = printed.length - faintZeros(value)[1].length
  return (
    <span
      key={flash ? moved.count : undefined}
      className={cx(
        "num",
        TONES[from ? compare(value, from) : 0],
        flash && FLASHES[moved.direction],
        className,
      )}
    >
      {printed.slice(0, cut)}
      {cut < printed.length && <span className="faint-digits">{printed.slice(cut)}</span>}
    </span>
  )
}

interface Move {
  value: string | null
  direction: number
  count: number
}

/** Which way a value went when it last changed, and how often it did. */
function useMove(value: string | null): Move {
  const [move, setMove] = useState<Move>({ value, direction: 0, count: 0 })
  if (move.value === value) return move
  const direction = value === null || move.value === null ? 0 : compare(value, move.value)
  const next = { value, direction, count: move.count + 1 }
  setMove(next)
  return next
}
