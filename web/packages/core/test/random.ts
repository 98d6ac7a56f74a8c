/** Numbers that look random and are the same in every run. */

/** mulberry32: returns numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A decimal with up to 30 digits, as the API prints them. */
export function decimal(next: () => number, scale = Math.floor(next() * 9)): string {
  const digits = Array.from({ length: 1 + Math.floor(next() * 20) }, () => Math.floor(next() * 10)).join("")
  const whole = digits.replace(/^0+(?=\d)/, "")
  const fraction = Array.from({ length: scale }, () => Math.floor(next() * 10)).join("")
  return scale === 0 ? whole : `${whole}.${fraction}`
}
