/** Prices and quantities are texts; they are put in order by their digits as integers, never as floats. */

/** A text that is no price or quantity of the exchange. */
export class BadNumber extends Error {}

const PLAIN = /^(?=.*[0-9])[0-9]*\.?[0-9]*$/

/**
 * Returns a decimal's digits as an integer: "1.2400" gives 12400n, zero of any length gives 0n.
 * Throws BadNumber when it is no plain decimal without a sign.
 */
export function digits(text: string): bigint {
  if (!PLAIN.test(text)) throw new BadNumber(`'${text}' is no decimal`)
  return BigInt(text.replace(".", ""))
}

/** How many digits stand behind the point; a market prints all its prices with the same. */
export function decimals(text: string): number {
  const point = text.indexOf(".")
  return point < 0 ? 0 : text.length - point - 1
}
