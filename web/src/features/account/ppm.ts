import { text, trimmed } from "@cse/core"

/** Prints parts per million as percent, exact: 1_500 is "0.15 %". */
export function percentOfPpm(ppm: number): string {
  return `${trimmed(text(BigInt(ppm), 4))} %`
}
