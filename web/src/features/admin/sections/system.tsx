/** How the exchange is doing: the journal, what lags, what waits, and everything that it needs. */

import { ApiProblem, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Badge } from "@/components/badge"
import { DataTable } from "@/components/data-table"
import { ErrorState } from "@/components/error-state"
import { usePreferences } from "@/app/preferences"
import { DIGITS } from "@cse/core"
import type { Dependency } from "../staff"

/** How often it is asked anew, ms. */
const EVERY_MS = 1_000

interface Row extends Dependency {
  name: string
}

export default function SystemSection() {
  const { t } = useTranslation("admin")
  const locale = usePreferences((state) => state.locale)
  const system = useQuery({
    queryKey: ["admin", "system"],
    queryFn: async () => told(await api.GET("/api/admin/system")),
    refetchInterval: EVERY_MS,
  })
  const count = (value: number): string => new Intl.NumberFormat(locale + DIGITS).format(value)
  if (system.error instanceof ApiProblem && !system.data)
    return <ErrorState problem={system.error} onRetry={() => void system.refetch()} />
  const data = system.data
  const rows: Row[] = Object.entries(data?.dependencies ?? {}).map(([name, found]) => ({ name, ...found }))
  return (
    <div className="flex flex-col gap-6">
      {system.error && <p role="status" className="text-13 text-warn">{t("system.stale")}</p>}
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
        <Figure label={t("system.sequence")} value={data ? count(data.sequence) : "…"} />
        <Figure
          label={t("system.lag")}
          value={data ? (data.history_lag === null ? t("system.unknown") : count(data.history_lag)) : "…"}
        />
        {Object.entries(data?.waiting ?? {}).map(([name, waiting]) => (
          <Figure key={name} label={t(`system.waiting.${name}`, name)} value={count(waiting)} />
        ))}
      </dl>
      <DataTable<Row>
        focusable
        caption={t("system.dependencies")}
        loading={system.isPending}
        rows={rows}
        rowKey={(row) => row.name}
        empty={t("system.none")}
        columns={[
          { key: "name", header: t("system.name"), cell: (row) => <span className="font-mono">{row.name}</span> },
          {
            key: "ok",
            header: t("system.state"),
            cell: (row) => <Badge kind={row.ok ? "up" : row.required === false ? "warn" : "down"}>{t(row.ok ? "system.ok" : "system.away")}</Badge>,
          },
          { key: "required", header: t("system.needed"), cell: (row) => t(row.required === false ? "system.optional" : "system.required") },
          { key: "lag", header: t("system.lag"), align: "end", cell: (row) => (row.lag == null ? "–" : count(row.lag)) },
          { key: "detail", header: t("system.detail"), cell: (row) => row.detail ?? "" },
        ]}
      />
    </div>
  )
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex flex-col gap-1">
      <dt className="text-12 text-muted">{label}</dt>
      <dd className="num text-20">{value}</dd>
    </div>
  )
}
