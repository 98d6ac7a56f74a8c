import { cx } from "./class-names"

export interface SparklineProps {
  /** Oldest first; statistics for pixels, not money. */
  values: readonly number[]
  /** Where it began; above is up, below is down. The first value, unless given. */
  from?: number | undefined
  width?: number | undefined
  height?: number | undefined
  className?: string | undefined
}

/** A course in one line, for lists; the number beside it says the same. */
export function Sparkline({ values, from, width = 96, height = 24, className }: SparklineProps) {
  const first = from ?? values[0]
  const last = values.at(-1)
  if (first === undefined || last === undefined || values.length < 2) {
    return <svg aria-hidden width={width} height={height} className={className} />
  }
  const low = Math.min(first, ...values)
  const span = Math.max(first, ...values) - low || 1
  const y = (value: number): number => 1.5 + (height - 3) * (1 - (value - low) / span)
  const points = values.map((value, at) => `${((at / (values.length - 1)) * width).toFixed(1)},${y(value).toFixed(1)}`)
  return (
    <svg
      aria-hidden
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className={cx("shrink-0 overflow-visible", last >= first ? "text-up" : "text-down", className)}
    >
      <line x1={0} x2={width} y1={y(first)} y2={y(first)} stroke="var(--line-strong)" strokeDasharray="2 3" />
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth={1.25} strokeLinejoin="round" />
    </svg>
  )
}
