/** How the value is spread: a bar for each asset, the largest first. */

import { formatPpm } from "@cse/core"
import { useTranslation } from "react-i18next"
import { Skeleton } from "@/components/skeleton"
import type { Portfolio } from "../data"
import { Part } from "../part"
import { AssetName } from "./holding-columns"

const SHOWN = 8
const WHOLE_PPM = 1_000_000

export function Allocation({ portfolio }: { portfolio: Portfolio | undefined }) {
  const { t, i18n } = useTranslation("portfolio")
  const shares = portfolio?.assets.flatMap(({ asset, allocation_ppm }) => (allocation_ppm ? [{ asset, ppm: allocation_ppm }] : [])) ?? []
  const [shown, rest] = [shares.slice(0, SHOWN), shares.slice(SHOWN)]
  const print = (ppm: number): string => formatPpm(ppm, i18n.language, false)
  return (
    <Part title={t("allocation.title")} about={t("allocation.about")}>
      <ul className="border-t border-line text-13">
        {shown.map(({ asset, ppm }) => (
          <li key={asset} className="grid grid-cols-[4.5rem_minmax(0,1fr)_4.5rem] items-center gap-3 border-b border-line py-1.5">
            <AssetName asset={asset} reference={portfolio?.reference ?? ""} />
            <span aria-hidden className="block h-2 bg-raised">
              <span className="block h-full bg-muted" style={{ width: `${(ppm / WHOLE_PPM) * 100}%` }} />
            </span>
            <span className="num text-end">{print(ppm)}</span>
          </li>
        ))}
        {rest.length > 0 && (
          <li className="flex justify-between gap-3 border-b border-line py-1.5 text-muted">
            {t("others", { count: rest.length })} <span className="num">{print(rest.reduce((sum, { ppm }) => sum + ppm, 0))}</span>
          </li>
        )}
        {portfolio && shares.length === 0 && <li className="py-4 text-muted">{t("allocation.none")}</li>}
        {!portfolio && <li className="py-2"><Skeleton h={20} /></li>}
      </ul>
    </Part>
  )
}
