/** What this account may do: its fees, its limits, and the identity level with the way to a higher one. */

import { type Account, DIGITS } from "@cse/core"
import { useTranslation } from "react-i18next"
import { useAccount } from "@/app/data/person"
import { usePreferences } from "@/app/preferences"
import { ErrorState } from "@/components/error-state"
import { Skeleton } from "@/components/skeleton"
import { IdentityPart } from "../identity"
import { Part } from "../part"
import { percentOfPpm } from "../ppm"

export default function LimitsSection() {
  const { t } = useTranslation("account")
  const { account, error } = useAccount()
  if (error) return <ErrorState problem={error} />
  if (!account) return <Skeleton w="100%" h="16rem" />
  return (
    <>
      <IdentityPart />
      <Part title={t("limits.fees")} about={t("limits.feesAbout")}>
        <Figures
          figures={[
            [t("limits.tier"), String(account.fee_tier)],
            [t("limits.maker"), percentOfPpm(account.maker_fee_ppm)],
            [t("limits.taker"), percentOfPpm(account.taker_fee_ppm)],
          ]}
        />
      </Part>
      <Part title={t("limits.orders")} about={t("limits.ordersAbout")}>
        <OrderLimits account={account} />
      </Part>
    </>
  )
}

function OrderLimits({ account: { limits, open_orders } }: { account: Account }) {
  const { t } = useTranslation("account")
  const locale = usePreferences((state) => state.locale)
  const count = (value: number): string => new Intl.NumberFormat(locale + DIGITS).format(value)
  const used = (value: number, of: number): string => t("limits.usedOf", { used: count(value), of: count(of) })
  const trade = limits.order_to_trade
  return (
    <Figures
      figures={[
        [t("limits.open"), count(open_orders)],
        [t("limits.perSecond"), count(limits.orders_per_second)],
        [t("limits.burst"), count(limits.order_burst)],
        [t("limits.batch"), count(limits.batch_items)],
        [t("limits.tenSeconds"), used(trade.orders_10s_used, trade.orders_10s)],
        [t("limits.day"), used(trade.orders_24h_used, trade.orders_24h)],
        [t("limits.cancels"), count(trade.cancels_per_second)],
      ]}
    />
  )
}

function Figures({ figures }: { figures: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3">
      {figures.map(([name, value]) => (
        <div key={name} className="flex flex-col gap-0.5">
          <dt className="text-12 text-muted">{name}</dt>
          <dd className="num text-16">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
