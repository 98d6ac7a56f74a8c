/**
 * Exact decimals. Amounts and prices are texts ("12.3400") in the API and whole numbers of units (123400n, scale 4) in
 * sums; floats never hold them. Number() is for pixels and statistics only.
 */

/** A text that is no plain decimal, or has more decimals than its scale. */
export class BadDecimal extends Error {
  override readonly name = "BadDecimal"
}

const DECIMAL = /^(-?)(\d*)(?:\.(\d*))?$/

/** Returns a decimal as units of 10^-scale: units("1.24", 4) is 12400n. Throws BadDecimal; nothing is rounded. */
export function units(text: string, scale: number): bigint {
  const parts = DECIMAL.exec(text)
  const whole = parts?.[2] ?? ""
  const fraction = (parts?.[3] ?? "").replace(/0+$/, "")
  if (!parts || (whole === "" && (parts[3] ?? "") === "")) throw new BadDecimal(`'${text}' is no decimal`)
  if (fraction.length > scale) throw new BadDecimal(`'${text}' has more than ${scale} decimals`)
  const size = BigInt(whole + fraction.padEnd(scale, "0"))
  return parts[1] === "-" ? -size : size
}

/** Returns units, or null for what is no decimal of that scale: for what a person is typing. */
export function unitsOrNull(text: string, scale: number): bigint | null {
  try {
    return units(text, scale)
  } catch (refused) {
    if (refused instanceof BadDecimal) return null
    throw refused
  }
}

/** Prints units with exactly `scale` decimals: text(12400n, 4) is "1.2400". */
export function text(value: bigint, scale: number): string {
  const sign = value < 0n ? "-" : ""
  const all = (value < 0n ? -value : value).toString().padStart(scale + 1, "0")
  return scale === 0 ? sign + all : `${sign}${all.slice(0, -scale)}.${all.slice(-scale)}`
}

/** How many digits stand behind the point. */
export function scaleOf(decimal: string): number {
  const point = decimal.indexOf(".")
  return point < 0 ? 0 : decimal.length - point - 1
}

/** Compares decimals of any scales: negative, 0 or positive. */
export function compare(one: string, other: string): number {
  const scale = Math.max(scaleOf(one), scaleOf(other))
  const difference = units(one, scale) - units(other, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Returns one + other with the larger scale of the two. */
export function add(one: string, other: string): string {
  const scale = Math.max(scaleOf(one), scaleOf(other))
  return text(units(one, scale) + units(other, scale), scale)
}

/** Returns one - other with the larger scale of the two. */
export function subtract(one: string, other: string): string {
  const scale = Math.max(scaleOf(one), scaleOf(other))
  return text(units(one, scale) - units(other, scale), scale)
}

/** Returns one x other, exact: the scale is the sum of theirs. */
export function multiply(one: string, other: string): string {
  const [a, b] = [scaleOf(one), scaleOf(other)]
  return text(units(one, a) * units(other, b), a + b)
}

/** Returns a decimal cut (toward zero) to `scale` decimals, or filled up with zeros. */
export function truncate(decimal: string, scale: number): string {
  const own = scaleOf(decimal)
  const value = units(decimal, own)
  return own <= scale ? text(value * 10n ** BigInt(scale - own), scale) : text(value / 10n ** BigInt(own - scale), scale)
}

/** Returns the multiple of `step` at or below (or above) a decimal that is not negative, with the scale of `step`. */
export function toStep(decimal: string, step: string, up = false): string {
  const scale = Math.max(scaleOf(decimal), scaleOf(step))
  const [value, width] = [units(decimal, scale), units(step, scale)]
  const steps = up ? (value + width - 1n) / width : value / width
  return truncate(text(steps * width, scale), scaleOf(step))
}

/** Whether a decimal is a whole multiple of `step`. */
export function isStep(decimal: string, step: string): boolean {
  const scale = Math.max(scaleOf(decimal), scaleOf(step))
  return units(decimal, scale) % units(step, scale) === 0n
}

/** Change from one to another in parts per million, toward zero; null where it began with nothing. */
export function changePpm(from: string, to: string): number | null {
  const scale = Math.max(scaleOf(from), scaleOf(to))
  const [before, after] = [units(from, scale), units(to, scale)]
  return before === 0n ? null : Number(((after - before) * 1_000_000n) / before)
}

/** Drops the zeros at the end: "1.2400" is "1.24", "3.000" is "3". */
export function trimmed(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal
}
