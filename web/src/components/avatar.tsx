import { useState } from "react"
import { cx } from "./class-names"

export interface AvatarProps {
  handle: string
  avatarUrl?: string | null | undefined
  /** Pixels. */
  size?: number | undefined
  className?: string | undefined
}

/** A person's picture; without one, their first letters on a colour that is theirs. Decorative: the name stands beside. */
export function Avatar({ handle, avatarUrl, size = 24, className }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null)
  const shape = cx("inline-block shrink-0 overflow-hidden rounded-full", className)
  if (avatarUrl && broken !== avatarUrl) {
    return (
      <img
        src={avatarUrl}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        decoding="async"
        onError={() => setBroken(avatarUrl)}
        className={cx(shape, "bg-raised object-cover")}
        style={{ width: size, height: size }}
      />
    )
  }
  return (
    <span
      aria-hidden
      className={cx(shape, "avatar grid! place-items-center font-semibold")}
      style={{ width: size, height: size, fontSize: size * 0.4, ["--hue" as string]: hueOf(handle) }}
    >
      {initials(handle)}
    </span>
  )
}

function initials(handle: string): string {
  return [...handle.replace(/[^\p{L}\p{N}]/gu, "")].slice(0, 2).join("").toUpperCase()
}

/** The same hue for the same handle, anywhere; degrees. */
export function hueOf(handle: string): number {
  let sum = 7
  for (const letter of handle) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360_007
  return sum % 360
}
