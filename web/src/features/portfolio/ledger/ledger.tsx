/** Every movement of own money, with its kind in words. */

import { compare, formatDecimal, type LedgerLine } from "@cse/core"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { ledgerFile, useLedger } from "@/app/data/pages"
import type { Column } from "@/components/data-table"
import { Price } from "@/components/price"
import { Time } from "@/components/time"
import { ChooseAsset } from "../choose"
import { useFreshness } from "../data"
import { PagedTable } from "../paged-table"
import { Part } from "../part"
import { SaveCsv } from "../save-csv"

export default function Ledger() {
  const { t } = useTranslation("portfolio")
  const [asset, setAsset] = useState<string | null>(null)
  useFreshness("ledger")
  return (
    <Part
      title={t("ledger.title")}
      about={t("ledger.about")}
      aside={
        <>
          <ChooseAsset value={asset} onChange={setAsset} />
          <SaveCsv name={asset === null ? "ledger" : `ledger-${asset}`} ask={() => ledgerFile(asset)} />
        </>
      }
    >
      <PagedTable
        caption={t("ledger.title")}
        pages={useLedger(asset)}
        columns={useLedgerColumns()}
        rowKey={(line) => `${line.sequence} ${line.movement} ${line.asset} ${line.bucket}`}
        empty={{ title: t("ledger.none"), body: t("ledger.noneBody") }}
      />
    </Part>
  )
}

/** What a movement's reference counts: trades have numbers of their own. */
function referenceOf(reason: string): "order" | "trade" {
  return reason === "order_hold" || reason === "order_release" ? "order" : "trade"
}

function useLedgerColumns(): readonly Column<LedgerLine>[] {
  const { t, i18n } = useTranslation("portfolio")
  return useMemo(
    () => [
      { key: "time", header: t("columns.time"), width: "10rem", cell: ({ time }) => <Time at={time} className="num text-muted" /> },
      { key: "kind", header: t("columns.kind"), width: "13rem", cell: ({ reason }) => t(`ledger.kinds.${reason}`, { defaultValue: reason }) },
      {
        key: "reference",
        header: t("columns.reference"),
        width: "8rem",
        cell: ({ reason, reference }) => (
          <span className="text-muted">{reference === null ? "" : t(`ledger.references.${referenceOf(reason)}`, { id: reference })}</span>
        ),
      },
      { key: "asset", header: t("columns.asset"), width: "5rem", cell: ({ asset }) => <span className="font-medium">{asset}</span> },
      { key: "bucket", header: t("columns.bucket"), width: "6rem", cell: ({ bucket }) => <span className="text-muted">{t(`ledger.buckets.${bucket}`)}</span> },
      {
        key: "amount",
        header: t("columns.amount"),
        align: "end",
        width: "10rem",
        cell: ({ amount }) => <span className="num">{(compare(amount, "0") > 0 ? "+" : "") + formatDecimal(amount, i18n.language)}</span>,
      },
      { key: "balance", header: t("columns.balance"), align: "end", width: "10rem", cell: ({ balance }) => <Price value={balance} /> },
    ],
    [t, i18n.language],
  )
}
