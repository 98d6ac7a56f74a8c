/** What was traded and what became of orders; of one market or all. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { fillsFile, ordersFile, useFills, useHistory } from "@/app/data/pages"
import { SegmentedControl } from "@/components/segmented-control"
import { ChooseMarket } from "../choose"
import { useFreshness } from "../data"
import { PagedTable } from "../paged-table"
import { Part } from "../part"
import { SaveCsv } from "../save-csv"
import { useFillColumns, useOrderColumns } from "./columns"

const LISTS = ["fills", "orders"] as const
type List = (typeof LISTS)[number]

export default function History() {
  const { t } = useTranslation("portfolio")
  const [list, setList] = useState<List>("fills")
  const [market, setMarket] = useState<string | null>(null)
  const file = list === "fills" ? fillsFile : ordersFile
  useFreshness("fills", "orders")
  return (
    <Part
      title={t(`history.${list}.title`)}
      about={t(`history.${list}.about`)}
      aside={
        <>
          <SegmentedControl<List>
            size="sm"
            label={t("history.list")}
            value={list}
            onChange={setList}
            options={LISTS.map((value) => ({ value, label: t(`history.${value}.title`) }))}
          />
          <ChooseMarket value={market} onChange={setMarket} />
          <SaveCsv name={market === null ? list : `${list}-${market}`} ask={() => file(market)} />
        </>
      }
    >
      {list === "fills" ? <Fills market={market} /> : <Orders market={market} />}
    </Part>
  )
}

function Fills({ market }: { market: string | null }) {
  const { t } = useTranslation("portfolio")
  return (
    <PagedTable
      caption={t("history.fills.title")}
      pages={useFills(market)}
      columns={useFillColumns()}
      rowKey={(fill) => `${fill.market} ${fill.trade_id} ${fill.order_id}`}
      empty={{ title: t("history.fills.none"), body: t("history.fills.noneBody") }}
    />
  )
}

function Orders({ market }: { market: string | null }) {
  const { t } = useTranslation("portfolio")
  return (
    <PagedTable
      caption={t("history.orders.title")}
      pages={useHistory(market)}
      columns={useOrderColumns()}
      rowKey={(order) => order.id}
      empty={{ title: t("history.orders.none"), body: t("history.orders.noneBody") }}
    />
  )
}
