/** What stands at the marks of the value axis: in short when it is large, with as many digits as tell the marks apart. */

const LATIN = "-u-nu-latn"
const SHORT_FROM = 1_000_000
/** More are noise of the floats in which the chart counts its pixels: the read-out has every digit. */
const SIGNIFICANT = 12

/** Labels for all marks at once: 32.8360M and 32.8365M, never 32.836M twice. */
export function axisLabels(locale: string): (marks: number[]) => string[] {
  const tag = locale + LATIN
  return (marks) => {
    const isShort = marks.some((mark) => Math.abs(mark) >= SHORT_FROM)
    const notation = isShort ? "compact" : "standard"
    const exact = new Intl.NumberFormat(tag, { notation, maximumSignificantDigits: SIGNIFICANT })
    const digits = Math.max(isShort ? 0 : 2, ...marks.map((mark) => fractionDigits(exact, mark)))
    const form = new Intl.NumberFormat(tag, { notation, minimumFractionDigits: digits, maximumFractionDigits: digits })
    return marks.map((mark) => form.format(mark))
  }
}

function fractionDigits(form: Intl.NumberFormat, value: number): number {
  return form.formatToParts(value).find((part) => part.type === "fraction")?.value.length ?? 0
}
