/** Fee tiers: what makers and takers pay. */

import { ApiProblem, told } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useMay } from "@/app/data/person"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { DataTable } from "@/components/data-table"
import { ErrorState } from "@/components/error-state"
import { ActDialog } from "../act-dialog"
import { DecimalField } from "../decimal-field"
import { useTiers } from "../fee-tier-act"
import { percent, ppmOf } from "../ppm"
import type { Tier } from "../staff"

interface Draft {
  tier: string
  maker: string
  taker: string
}

/** Returns a tier as the fields show it. */
function draftOf(tier: Tier): Draft {
  return {
    tier: String(tier.tier),
    maker: percent(tier.maker_ppm).replace(" %", ""),
    taker: percent(tier.taker_ppm).replace(" %", ""),
  }
}

export default function FeesSection() {
  const { t } = useTranslation("admin")
  const [draft, setDraft] = useState<Draft | null>(null)
  const tiers = useTiers()
  const maySet = useMay("fees.set")
  if (tiers.error instanceof ApiProblem) return <ErrorState problem={tiers.error} onRetry={() => void tiers.refetch()} />
  const next = String(Math.max(-1, ...(tiers.data ?? []).map(({ tier }) => tier)) + 1)
  return (
    <div className="flex flex-col gap-4">
      {maySet && (
        <div>
          <Button size="sm" variant="secondary" onClick={() => setDraft({ tier: next, maker: "", taker: "" })}>
            {t("fees.new")}
          </Button>
        </div>
      )}
      <DataTable<Tier>
        focusable
        caption={t("sections.fees")}
        rows={tiers.data ?? []}
        loading={tiers.isPending}
        rowKey={(row) => String(row.tier)}
        empty={t("fees.none")}
        columns={[
          { key: "tier", header: t("fees.tier"), cell: (row) => <span className="num">{row.tier}</span> },
          { key: "maker", header: t("fees.maker"), align: "end", cell: (row) => <span className="num">{percent(row.maker_ppm)}</span> },
          { key: "taker", header: t("fees.taker"), align: "end", cell: (row) => <span className="num">{percent(row.taker_ppm)}</span> },
          {
            key: "acts",
            header: t("markets.acts"),
            align: "end",
            cell: (row) =>
              maySet && (
                <Button size="sm" variant="ghost" onClick={() => setDraft(draftOf(row))}>
                  {t("fees.change")}
                </Button>
              ),
          },
        ]}
      />
      {draft && <TierDialog draft={draft} onChange={setDraft} onClose={() => setDraft(null)} />}
    </div>
  )
}

function TierDialog({ draft, onChange, onClose }: { draft: Draft; onChange: (draft: Draft) => void; onClose: () => void }) {
  const { t } = useTranslation("admin")
  const [maker, taker] = [ppmOf(draft.maker), ppmOf(draft.taker)]
  const fields = (
    <div className="grid grid-cols-3 gap-3">
      <DecimalField label={t("fees.tier")} value={draft.tier} onChange={(tier) => onChange({ ...draft, tier })} />
      <DecimalField label={t("fees.makerPercent")} value={draft.maker} onChange={(value) => onChange({ ...draft, maker: value })} />
      <DecimalField label={t("fees.takerPercent")} value={draft.taker} onChange={(value) => onChange({ ...draft, taker: value })} />
    </div>
  )
  return (
    <ActDialog
      onClose={onClose}
      act={{
        title: t("fees.set.title"),
        description: t("fees.set.means"),
        confirm: t("propose"),
        reasons: ["new_schedule", "agreement", "mistaken"],
        fields,
        missing: maker === null || taker === null || !/^\d{1,5}$/.test(draft.tier) ? t("fees.fill") : null,
        run: async (reason) => {
          const params = { path: { tier: Number(draft.tier) } }
          const body = { maker_ppm: maker ?? 0, taker_ppm: taker ?? 0, reason }
          return told(await api.PUT("/api/admin/fee-tiers/{tier}", { params, body }))
        },
      }}
    />
  )
}
