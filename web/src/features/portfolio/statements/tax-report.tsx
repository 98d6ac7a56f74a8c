/** The disposals of a year: their sums by kind in view, each of them in the file. */

import { told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { inTurn } from "@/app/download"
import { asksAgain, asksAgainAfter } from "@/app/data/asking"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { DataTable } from "@/components/data-table"
import { ErrorState } from "@/components/error-state"
import { Price } from "@/components/price"
import { Select } from "@/components/select"
import { useNow } from "@/components/use-now"
import type { Method } from "../data"
import { Gain } from "../gain"
import { MethodSwitch } from "../method-switch"
import { Part } from "../part"
import { SaveCsv } from "../save-csv"
import { usePortfolioSettings } from "../settings"
import { sumsOf } from "./tax"

const YEARS = 6

async function taxFile(year: number, method: Method): Promise<Blob> {
  return told(await api.GET("/api/tax.csv", { params: { query: { year, method } }, parseAs: "blob" }))
}

export function TaxReport() {
  const { t } = useTranslation("portfolio")
  const { method } = usePortfolioSettings()
  const newest = new Date(useNow(null)).getUTCFullYear()
  const [year, setYear] = useState(newest)
  const years = Array.from({ length: YEARS }, (_, back) => String(newest - back))
  return (
    <Part
      title={t("tax.title")}
      about={t("tax.about")}
      aside={
        <>
          <Select size="sm" label={t("tax.year")} value={String(year)} onChange={(next) => setYear(Number(next))} options={years.map((value) => ({ value, label: value }))} />
          <MethodSwitch />
          <SaveCsv name={`tax-${year}-${method}`} ask={() => taxFile(year, method)} />
        </>
      }
    >
      <Sums key={`${year} ${method}`} year={year} method={method} />
    </Part>
  )
}

/** Asked for by a press: the file may be long. */
function Sums({ year, method }: { year: number; method: Method }) {
  const { t } = useTranslation("portfolio")
  const query = useQuery({
    queryKey: ["tax", { year, method }],
    queryFn: async () => sumsOf(await (await inTurn(() => taxFile(year, method))).text()),
    enabled: false,
    retry: asksAgain,
    retryDelay: asksAgainAfter,
  })
  if (query.error) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) {
    return (
      <div className="border-t border-line pt-3">
        <Button size="sm" pending={query.isFetching} onClick={() => void query.refetch()}>
          {t("tax.show", { year })}
        </Button>
      </div>
    )
  }
  const end = { align: "end" as const }
  return (
    <DataTable
      caption={t("tax.title")}
      rows={query.data}
      rowKey={(sum) => sum.kind}
      empty={<p className="py-4 text-13 text-muted">{t("tax.none", { year })}</p>}
      className="border-t border-line"
      columns={[
        { key: "kind", header: t("columns.kind"), cell: ({ kind }) => t(`tax.kinds.${kind}`, { defaultValue: kind }) },
        { key: "lines", header: t("tax.lines"), ...end, cell: ({ lines }) => <span className="num text-muted">{lines}</span> },
        { key: "proceeds", header: t("tax.proceeds"), ...end, cell: ({ proceeds }) => <Price value={proceeds} /> },
        { key: "cost", header: t("tax.cost"), ...end, cell: ({ cost }) => <Price value={cost} /> },
        { key: "gain", header: t("tax.gain"), ...end, cell: ({ gain }) => <Gain value={gain} /> },
      ]}
    />
  )
}
