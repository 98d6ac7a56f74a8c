/** What it is all worth, what was earned, and what that is made of. */

import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { Change } from "@/components/change"
import { Figure } from "@/components/figure"
import { Money } from "@/components/money"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import type { Portfolio } from "../data"
import { Gain } from "../gain"
import { sharePpm } from "../money"
import { Formulas } from "./formulas"

interface Props {
  portfolio: Portfolio | undefined
  behind: boolean
}

export function Summary({ portfolio, behind }: Props) {
  const { t } = useTranslation("portfolio")
  return (
    <section aria-label={t("summary.label")} className="flex flex-col gap-4">
      {behind && (
        <Notice kind="info" title={t("behind.title")}>
          {t("behind.body")}
        </Notice>
      )}
      <div className="flex flex-wrap items-end justify-between gap-x-12 gap-y-5">
        {portfolio ? <Headline portfolio={portfolio} /> : <HeadlineToCome />}
        <Made portfolio={portfolio} />
      </div>
      {portfolio && portfolio.total.unpriced_assets > 0 && <Unpriced portfolio={portfolio} />}
    </section>
  )
}

function Headline({ portfolio: { total, reference } }: { portfolio: Portfolio }) {
  const { t } = useTranslation("portfolio")
  const share = sharePpm(total.profit, total.net_deposits)
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className="text-12 text-muted">{t("summary.value")}</p>
      <p className="text-40 leading-tight font-medium max-sm:text-28">
        <Figure value={total.value} asset={reference} />
      </p>
      <div className="flex flex-wrap items-center gap-x-2 text-16">
        <span className="text-13 text-muted">{t("summary.profit")}</span>
        <Gain value={total.profit} asset={reference} />
        {share !== null && <Change from={null} to={null} ppm={share} className="text-13" />}
        <Formulas />
      </div>
    </div>
  )
}

function HeadlineToCome() {
  return (
    <div className="flex flex-col gap-1">
      <Skeleton w={80} h={18} />
      <Skeleton w="18rem" h={50} className="max-sm:h-9!" />
      <Skeleton w="12rem" h={24} />
    </div>
  )
}

/** What the profit is made of. */
function Made({ portfolio }: { portfolio: Portfolio | undefined }) {
  const { t } = useTranslation("portfolio")
  const total = portfolio?.total
  const unit = portfolio?.reference ?? ""
  return (
    <dl className="grid grid-cols-2 gap-x-8 gap-y-3 text-13 sm:grid-cols-4">
      <Fact label={t("summary.netDeposits")}>{total && <Money value={total.net_deposits} asset={unit} />}</Fact>
      <Fact label={t("summary.unrealised")}>{total && <Gain value={total.unrealised} asset={unit} />}</Fact>
      <Fact label={t("summary.realised")}>{total && <Gain value={total.realised} asset={unit} />}</Fact>
      <Fact label={t("summary.fees")}>{total && <Money value={total.fees_value} asset={unit} />}</Fact>
    </dl>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <dt className="text-12 text-muted">{label}</dt>
      <dd>{children ?? <Skeleton w={104} h={19} />}</dd>
    </div>
  )
}

/** What no market prices is in no sum; it is told apart, never guessed. */
function Unpriced({ portfolio: { total, reference } }: { portfolio: Portfolio }) {
  const { t } = useTranslation("portfolio")
  return (
    <Notice kind="warn" title={t("unpriced.title", { count: total.unpriced_assets })}>
      {t("unpriced.body")} <Money value={total.unpriced_cost_basis} asset={reference} />
    </Notice>
  )
}
