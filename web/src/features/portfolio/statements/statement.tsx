/** The statement of a month or of chosen days. */

import { told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { PATIENT } from "@/app/data/asking"
import { api } from "@/app/exchange"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { Part } from "../part"
import { StatementOfAsset } from "./asset"
import { daysPeriod, monthOf, monthPeriod, type Period } from "./period"
import { type Chosen, PeriodChoice } from "./period-choice"

export function Statement() {
  const { t } = useTranslation("portfolio")
  const [chosen, setChosen] = useState<Chosen>(() => ({ by: "month", month: monthOf(Date.now()), first: "", last: "" }))
  const period = chosen.by === "month" ? monthPeriod(chosen.month) : daysPeriod(chosen.first, chosen.last)
  return (
    <Part title={t("statement.title")} about={t("statement.about")} aside={<PeriodChoice chosen={chosen} onChange={setChosen} />}>
      {"refused" in period ? (
        <Notice kind={period.refused === "missing" ? "info" : "warn"} title={t(`statement.refused.${period.refused}`)} />
      ) : (
        <Assets period={period} />
      )}
    </Part>
  )
}

function Assets({ period }: { period: Period }) {
  const { t } = useTranslation("portfolio")
  const query = useQuery({
    queryKey: ["statements", period],
    queryFn: async () => told(await api.GET("/api/statements", { params: { query: period } })),
    ...PATIENT,
  })
  if (query.error && !query.data) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <Skeleton w="100%" h="16rem" />
  if (query.data.assets.length === 0) return <EmptyState title={t("statement.none")} body={t("statement.noneBody")} />
  return (
    <div aria-busy={query.isPlaceholderData || undefined} className="grid grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-8 lg:grid-cols-2">
      {query.data.assets.map((asset) => (
        <StatementOfAsset key={asset.asset} asset={asset} />
      ))}
    </div>
  )
}
