/** The dialog of indicators: all that there are, and those on the chart. */

import { type Indicator } from "@cse/indicators"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Dialog } from "@/components/dialog"
import { Tabs } from "@/components/tabs"
import { CatalogueList } from "./catalogue-list"
import { added, type Chosen, freshId, isFull } from "./chosen"
import { ChosenList } from "./chosen-list"
import { useShelf } from "./shelf"
import { LIMITS } from "../layouts/schema"

export interface PickerProps {
  value: Chosen
  onChange: (value: Chosen) => void
  onClose: () => void
}

export default function Picker({ value, onChange, onClose }: PickerProps) {
  const { t } = useTranslation("indicators")
  const [tab, setTab] = useState<"all" | "chosen">("all")
  const used = useShelf((shelf) => shelf.used)
  const [editing, setEditing] = useState<string | null>(null)

  const add = (indicator: Indicator): void => {
    onChange(added(value, indicator, freshId(value, indicator.name)))
    used(indicator.name)
  }
  const tabs = [
    { value: "all" as const, label: t("tab.all") },
    { value: "chosen" as const, label: t("tab.chosen"), count: value.length },
  ]
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("title")} description={t("description")} size="lg">
      <Tabs value={tab} onChange={setTab} items={tabs} label={t("title")}>
        <div className="flex h-[min(27rem,55dvh)] flex-col pt-3">
          {tab === "all" ? (
            <CatalogueList chosen={value} onAdd={add} />
          ) : (
            <ChosenList value={value} onChange={onChange} editing={editing} onEdit={setEditing} onMore={() => setTab("all")} />
          )}
        </div>
      </Tabs>
      <p role="status" className="min-h-5 pt-2 text-12 text-warn">
        {isFull(value) ? t("full", { count: LIMITS.indicators }) : ""}
      </p>
    </Dialog>
  )
}
