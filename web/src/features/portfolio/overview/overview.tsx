/** Total and profit first, then value over time, what made it move, what there is. */

import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { ErrorState } from "@/components/error-state"
import { LinkButton } from "@/components/link-button"
import { useRange } from "../chart/use-range"
import { Values } from "../chart/values"
import { isBehind, useFreshness, usePortfolio } from "../data"
import { usePortfolioSettings } from "../settings"
import { Allocation } from "./allocation"
import { EarnedTable } from "./earned"
import { Holdings } from "./holdings"
import { Movers } from "./movers"
import { Summary } from "./summary"

export default function Overview() {
  const { method } = usePortfolioSettings()
  const query = usePortfolio(method)
  const values = useRange()
  useFreshness("portfolio")
  const portfolio = query.data
  if (query.error && !portfolio) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} />
  if (portfolio?.assets.length === 0) return <Nothing />
  return (
    <div className="flex min-w-0 flex-col gap-10">
      <Summary portfolio={portfolio} behind={isBehind(query.failureReason)} />
      <Values values={values} reference={portfolio?.reference ?? ""} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-2">
        <Movers values={values} />
        <Allocation portfolio={portfolio} />
      </div>
      <Holdings portfolio={portfolio} waits={query.isPlaceholderData} />
      <EarnedTable portfolio={portfolio} waits={query.isPlaceholderData} />
    </div>
  )
}

function Nothing() {
  const { t } = useTranslation("portfolio")
  return (
    <EmptyState
      title={t("empty.title")}
      body={t("empty.body")}
      action={
        <LinkButton to="/wallet" variant="primary">
          {t("empty.act")}
        </LinkButton>
      }
    />
  )
}
