/** One asset's statement: opening, what moved by kind, closing, and whether it adds up. */

import { type components, formatDecimal } from "@cse/core"
import { CircleCheck, CircleX } from "lucide-react"
import { type ReactNode, useId } from "react"
import { useTranslation } from "react-i18next"
import { isZero } from "../money"
import { sumOfMovements } from "./sum"

type StatementAsset = components["schemas"]["StatementAsset"]

export function StatementOfAsset({ asset }: { asset: StatementAsset }) {
  const { t, i18n } = useTranslation("portfolio")
  const id = useId()
  const print = (amount: string): string => formatDecimal(amount, i18n.language)
  const moved = (amount: string, sign: string): string => (isZero(amount) ? "" : sign === "+" ? `+${print(amount)}` : print(`-${amount}`))
  return (
    <section aria-labelledby={id} className="flex flex-col gap-1">
      <h3 id={id} className="text-14 font-medium">
        {asset.asset}
      </h3>
      <table className="w-full border-t border-line text-12">
        <caption className="sr-only">{t("statement.caption", { asset: asset.asset })}</caption>
        <thead className="text-11 text-muted">
          <tr>
            {[t("columns.kind"), t("statement.count"), t("statement.received"), t("statement.paid")].map((head, at) => (
              <th key={head} scope="col" className={at === 0 ? HEAD : CELL}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Balance head={t("statement.opening")} amount={print(asset.opening)} />
          {asset.lines.map((line) => (
            <Row
              key={line.kind}
              head={t(`statement.kinds.${line.kind}`)}
              cells={[new Intl.NumberFormat(i18n.language).format(line.count), moved(line.received, "+"), moved(line.paid, "-")]}
            />
          ))}
          <Balance head={t("statement.closing")} amount={print(asset.closing)} />
        </tbody>
      </table>
      <Check asset={asset} />
    </section>
  )
}

const CELL = "row-h border-b border-line ps-3 text-end font-normal"
const HEAD = "row-h border-b border-line text-start font-normal"

/** A kind of movement: how many, what came, what went. */
function Row({ head, cells }: { head: string; cells: readonly [ReactNode, ReactNode, ReactNode] }) {
  const [count, received, paid] = cells
  return (
    <tr>
      <th scope="row" className={HEAD}>
        {head}
      </th>
      <td className={CELL}>
        <span className="num text-muted">{count}</span>
      </td>
      <td className={CELL}>
        <span className="num">{received}</span>
      </td>
      <td className={CELL}>
        <span className="num">{paid}</span>
      </td>
    </tr>
  )
}

/** What there was at one end of the time. */
function Balance({ head, amount }: { head: string; amount: string }) {
  return (
    <tr>
      <th scope="row" className={HEAD}>
        <span className="font-medium">{head}</span>
      </th>
      <td colSpan={3} className={CELL}>
        <span className="num font-medium">{amount}</span>
      </td>
    </tr>
  )
}

/** The sum as this browser makes it of the lines above. */
function Check({ asset }: { asset: StatementAsset }) {
  const { t, i18n } = useTranslation("portfolio")
  const { sum, exact } = sumOfMovements(asset)
  const Icon = exact ? CircleCheck : CircleX
  return (
    <p className="flex items-center gap-1.5 text-12 text-muted" role={exact ? undefined : "alert"}>
      <Icon aria-hidden size={14} strokeWidth={1.5} className={exact ? "text-good" : "text-danger"} />
      {t(exact ? "statement.exact" : "statement.wrong", { sum: formatDecimal(sum, i18n.language), asset: asset.asset })}
    </p>
  )
}
