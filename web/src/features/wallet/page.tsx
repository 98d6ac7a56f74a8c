/** `/wallet`: what there is, free and held; play money in sandboxes; moves between sub-accounts. */

import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useOwnAccounts } from "@/app/data/own-accounts"
import { usePortfolio } from "@/app/data/portfolio"
import { IS_SANDBOX } from "@/app/is-sandbox"
import { usePageTitle } from "@/app/page-title"
import { ErrorState } from "@/components/error-state"
import { Figure } from "@/components/figure"
import { LinkButton } from "@/components/link-button"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { Tabs } from "@/components/tabs"
import { Balances } from "./balances"
import { PlayMoney } from "./play-money"
import { TransferForm } from "./transfer-form"
import { Transfers } from "./transfers"

type Tab = "balances" | "transfers" | "chain"
const TABS = ["balances", "transfers", "chain"] as const

export default function WalletPage() {
  const { t } = useTranslation("wallet")
  usePageTitle(t("title"))
  const [tab, setTab] = useState<Tab>("balances")
  return (
    <div className="mx-auto grid w-full max-w-6xl grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-8 px-4 py-8 md:py-12 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="min-w-0">
        <Worth />
        <Tabs
          value={tab}
          onChange={setTab}
          label={t("title")}
          items={TABS.map((value) => ({ value, label: t(`tabs.${value}`) }))}
          className="mt-6"
        />
        <div className="pt-4">
          {tab === "balances" && <Balances />}
          {tab === "transfers" && <Moves />}
          {tab === "chain" && <Chain />}
        </div>
      </div>
      {IS_SANDBOX && (
        <aside>
          <PlayMoney />
        </aside>
      )}
    </div>
  )
}

/** Everything together, in the reference currency. */
function Worth() {
  const { t } = useTranslation("wallet")
  const { data } = usePortfolio()
  return (
    <header>
      <h1 className="text-14 text-muted">{t("title")}</h1>
      <p className="mt-1 min-h-12 font-display text-40 leading-12 max-sm:text-28 rtl:text-end" dir="ltr">
        {data ? <Figure value={data.total.value} asset={data.reference} /> : <Skeleton w={240} h={40} className="mt-1" />}
      </p>
      {data && data.total.unpriced_assets > 0 && (
        <p className="text-12 text-muted">{t("unpriced", { count: data.total.unpriced_assets })}</p>
      )}
    </header>
  )
}

function Moves() {
  const { t } = useTranslation("wallet")
  const own = useOwnAccounts()
  if (own.error !== null && own.accounts === null) return <ErrorState problem={own.error} onRetry={own.retry} />
  if (own.accounts === null) return <Skeleton w="100%" h="12rem" />
  const open = own.accounts.filter((each) => each.isOpen)
  return (
    <div className="flex flex-col gap-8">
      {open.length > 1 ? (
        <TransferForm accounts={open} />
      ) : (
        <Notice
          kind="info"
          title={t("transfers.one")}
          action={
            <LinkButton to="/account/$section" params={{ section: "sub-accounts" }} size="sm">
              {t("transfers.make")}
            </LinkButton>
          }
        >
          {t("transfers.oneBody")}
        </Notice>
      )}
      {own.accounts.length > 1 && <Transfers accounts={own.accounts} />}
    </div>
  )
}

/** What is to come, said plainly: no form that does nothing. */
function Chain() {
  const { t } = useTranslation("wallet")
  return (
    <Notice kind="info" title={t("chain.title")}>
      <p className="max-w-prose">{t("chain.body")}</p>
      <Link to="/portfolio" className="mt-2 inline-block underline underline-offset-4 hover:text-text">
        {t("chain.portfolio")}
      </Link>
    </Notice>
  )
}
