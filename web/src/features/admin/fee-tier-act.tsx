/** Puts an account into another fee tier. */

import { told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { Menu } from "@/components/menu"
import type { Act } from "./act-dialog"
import { percent } from "./ppm"

export function useTiers() {
  return useQuery({ queryKey: ["admin", "fee-tiers"], queryFn: async () => told(await api.GET("/api/admin/fee-tiers")).fee_tiers })
}

export function FeeTierAct({ accountId, onAct }: { accountId: number; onAct: (act: Act) => void }) {
  const { t } = useTranslation("admin")
  const tiers = useTiers().data ?? []
  const params = { path: { account_id: accountId } }
  const assign = (tier: number): Act => ({
    title: t("fees.assign.title", { account: accountId, tier }),
    description: t("fees.assign.means"),
    confirm: t("fees.assign.do"),
    reasons: ["volume", "agreement", "mistaken"],
    run: async (reason) =>
      told(await api.POST("/api/admin/accounts/{account_id}/fee-tier", { params, body: { fee_tier: tier, reason } })),
  })
  return (
    <Menu
      trigger={
        <Button variant="secondary" size="sm">
          {t("fees.assign.do")}
        </Button>
      }
      items={tiers.map(({ tier, maker_ppm, taker_ppm }) => ({
        label: t("fees.tierLine", { tier, maker: percent(maker_ppm), taker: percent(taker_ppm) }),
        onSelect: () => onAct(assign(tier)),
      }))}
    />
  )
}
