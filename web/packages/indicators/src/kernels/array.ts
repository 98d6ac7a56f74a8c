/**
 * Columns of numbers that end at the same candle.
 *
 * Inside this package an array is dense: it has no leading NaN but is shorter than the series by the candles that come
 * before its first value. All arrays end at the last candle, so two of them are combined from their ends.
 */

export type Floats = Float64Array

/** Return an entry that is known to exist (the one place where index bounds are the caller's word). */
export const at = (values: Floats, index: number): number => values[index] as number

/** Return an array of at least no entries. */
export const floats = (length: number): Floats => new Float64Array(Math.max(0, length))

/** Return the last entries: all, if there are fewer. Nothing is copied. */
export const tail = (values: Floats, length: number): Floats =>
  values.subarray(Math.max(0, values.length - Math.max(0, length)))

/** Return what is left without the newest entries, as a view: the array of `count` candles ago. */
export const before = (values: Floats, count: number): Floats =>
  values.subarray(0, Math.max(0, values.length - count))

export function map(values: Floats, f: (value: number) => number): Floats {
  const out = floats(values.length)
  for (let i = 0; i < out.length; i++) out[i] = f(at(values, i))
  return out
}

/** Combine two arrays from their ends; the shorter one says how long the answer is. */
export function map2(a: Floats, b: Floats, f: (a: number, b: number) => number): Floats {
  const out = floats(Math.min(a.length, b.length))
  const [x, y] = [tail(a, out.length), tail(b, out.length)]
  for (let i = 0; i < out.length; i++) out[i] = f(at(x, i), at(y, i))
  return out
}

export function map3(a: Floats, b: Floats, c: Floats, f: (a: number, b: number, c: number) => number): Floats {
  const out = floats(Math.min(a.length, b.length, c.length))
  const [x, y, z] = [tail(a, out.length), tail(b, out.length), tail(c, out.length)]
  for (let i = 0; i < out.length; i++) out[i] = f(at(x, i), at(y, i), at(z, i))
  return out
}

export function map4(
  a: Floats,
  b: Floats,
  c: Floats,
  d: Floats,
  f: (a: number, b: number, c: number, d: number) => number,
): Floats {
  const out = floats(Math.min(a.length, b.length, c.length, d.length))
  const [w, x, y, z] = [tail(a, out.length), tail(b, out.length), tail(c, out.length), tail(d, out.length)]
  for (let i = 0; i < out.length; i++) out[i] = f(at(w, i), at(x, i), at(y, i), at(z, i))
  return out
}

/** Combine every value with the one `lag` candles before it; shorter by `lag`. */
export const withEarlier = (values: Floats, lag: number, f: (now: number, then: number) => number): Floats =>
  map2(tail(values, values.length - lag), before(values, lag), f)

export const add = (a: Floats, b: Floats): Floats => map2(a, b, (x, y) => x + y)
export const subtract = (a: Floats, b: Floats): Floats => map2(a, b, (x, y) => x - y)
export const scale = (values: Floats, factor: number): Floats => map(values, (value) => value * factor)

/** Return the sums from the first value to each. */
export function cumulative(values: Floats): Floats {
  const out = floats(values.length)
  let sum = 0
  for (let i = 0; i < out.length; i++) {
    sum += at(values, i)
    out[i] = sum
  }
  return out
}

/** TA-Lib's zero: what divides nothing. */
export const isZero = (value: number): boolean => Math.abs(value) < 1e-14

/** Divide, with another answer (0) where the divisor is as good as zero. */
export const ratio = (dividend: number, divisor: number, otherwise = 0): number =>
  isZero(divisor) ? otherwise : dividend / divisor

/** Return an array as long as the series, NaN before the first value and where a value is not finite. */
export function padded(values: Floats, length: number): Floats {
  const out = floats(length).fill(Number.NaN)
  const begin = length - values.length
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i)
    if (Number.isFinite(value)) out[begin + i] = value
  }
  return out
}
