import { cx } from "./class-names"

export interface SkeletonProps {
  /** Width and height: numbers are pixels, texts CSS lengths. Give what will stand there in the end. */
  w?: number | string | undefined
  h?: number | string | undefined
  className?: string | undefined
}

/** The place of something that is still coming, in its final size. */
export function Skeleton({ w = "100%", h = 16, className }: SkeletonProps) {
  return <span aria-hidden className={cx("skeleton block rounded-input", className)} style={{ width: w, height: h }} />
}
