/** A statement's own check: opening + all received - all paid must be closing, to the unit. */

import { scaleOf, text, units } from "@cse/core"

interface Movements {
  opening: string
  closing: string
  lines: readonly { received: string; paid: string }[]
}

/** What opening and movements add up to, and whether that is what the statement says is left. */
export function sumOfMovements({ opening, closing, lines }: Movements): { sum: string; exact: boolean } {
  const amounts = [opening, closing, ...lines.flatMap(({ received, paid }) => [received, paid])]
  const scale = Math.max(...amounts.map(scaleOf))
  const sum = lines.reduce((so, { received, paid }) => so + units(received, scale) - units(paid, scale), units(opening, scale))
  return { sum: text(sum, scale), exact: sum === units(closing, scale) }
}
