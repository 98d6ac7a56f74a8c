/** Which assets made the range's profit: bars to both sides of nothing. */

import { compare } from "@cse/core"
import { useTranslation } from "react-i18next"
import { Skeleton } from "@/components/skeleton"
import type { ValuesState } from "../chart/use-range"
import { Gain } from "../gain"
import { firstBySize, isZero, sizeOf, sumOf } from "../money"
import { Part } from "../part"
import { AssetName } from "./holding-columns"

/** The rest is one line. */
const SHOWN = 8

export function Movers({ values }: { values: ValuesState }) {
  const { t } = useTranslation("portfolio")
  const history = values.history
  const [moved, rest] = firstBySize(history?.movers.filter((each) => !isZero(each.profit)) ?? [], (each) => each.profit, SHOWN)
  const all = history && sumOf(history.movers.map((each) => each.profit))
  const widest = moved.reduce((size, { profit }) => (compare(sizeOf(profit), size) > 0 ? sizeOf(profit) : size), "0")
  return (
    <Part
      title={t("movers.title")}
      about={
        history ? (
          <>
            {t(`movers.in.${history.range}`)} <Gain value={all ?? "0"} asset={history.reference} />
          </>
        ) : (
          <Skeleton w="14rem" h={20} />
        )
      }
    >
      <ul className="border-t border-line text-13">
        {moved.map(({ asset, profit }) => (
          <li key={asset} className="grid grid-cols-[4.5rem_minmax(0,1fr)_auto] items-center gap-3 border-b border-line py-1.5">
            <AssetName asset={asset} reference={history?.reference ?? ""} />
            <Bar profit={profit} widest={widest} />
            <Gain value={profit} />
          </li>
        ))}
        {rest.length > 0 && (
          <li className="flex justify-between gap-3 border-b border-line py-1.5 text-muted">
            {t("others", { count: rest.length })} <Gain value={sumOf(rest.map((each) => each.profit))} />
          </li>
        )}
        {history && moved.length === 0 && <li className="py-4 text-muted">{t("movers.none")}</li>}
        {!history && <li className="py-2"><Skeleton h={20} /></li>}
      </ul>
    </Part>
  )
}

/** Pixels: from the middle to the end for a gain, to the start for a loss. */
function Bar({ profit, widest }: { profit: string; widest: string }) {
  const gain = compare(profit, "0") > 0
  const width = `${(Number(sizeOf(profit)) / Number(widest)) * 50}%`
  return (
    <span aria-hidden className="relative block h-3" dir="ltr">
      <span className="absolute inset-y-0 left-1/2 w-px bg-line-strong" />
      <span className={gain ? "absolute inset-y-0.5 left-1/2 bg-up" : "absolute inset-y-0.5 right-1/2 bg-down"} style={{ width }} />
    </span>
  )
}
