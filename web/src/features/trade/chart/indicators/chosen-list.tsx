/** The indicators on the chart: change what they are computed with, take them away. */

import { indicator as find } from "@cse/indicators"
import { SlidersHorizontal, Trash2 } from "lucide-react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { EmptyState } from "@/components/empty-state"
import { IconButton } from "@/components/icon-button"
import type { IndicatorSetting } from "../layouts/schema"
import { changed, type Chosen, momentText, parametersText, removed } from "./chosen"
import { ParameterForm } from "./parameter-form"
import { Swatch, TintField } from "./tint-field"

const ICON = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const

export interface ChosenListProps {
  value: Chosen
  onChange: (value: Chosen) => void
  /** Whose parameters are open; null: nobody's. */
  editing: string | null
  onEdit: (id: string | null) => void
  onMore: () => void
}

export function ChosenList({ value, onChange, editing, onEdit, onMore }: ChosenListProps) {
  const { t } = useTranslation("indicators")
  if (value.length === 0) {
    return (
      <EmptyState title={t("empty.chosen")} action={<Button onClick={onMore}>{t("empty.chosen_action")}</Button>} />
    )
  }
  return (
    <ul className="min-h-0 flex-1 overflow-y-auto border-t border-line" aria-label={t("tab.chosen")}>
      {value.map((setting) => (
        <li key={setting.id} className="border-b border-line py-2">
          <ChosenRow
            setting={setting}
            open={editing === setting.id}
            onOpen={(open) => onEdit(open ? setting.id : null)}
            onRemove={() => onChange(removed(value, setting.id))}
          />
          {editing === setting.id && (
            <>
              <ParameterForm setting={setting} onChange={(parameters) => onChange(changed(value, setting.id, { parameters }))} />
              <TintField value={setting.tint ?? 0} onChange={(tint) => onChange(changed(value, setting.id, { tint }))} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

interface RowProps {
  setting: IndicatorSetting
  open: boolean
  onOpen: (open: boolean) => void
  onRemove: () => void
}

function ChosenRow({ setting, open, onOpen, onRemove }: RowProps) {
  const { t, i18n } = useTranslation("indicators")
  const moment = (time: number): string => momentText(time, t("first_candle"), i18n.language)
  const indicator = find(setting.name)
  const name = indicator === undefined ? setting.name : t(`name.${setting.name}`)
  return (
    <div className="flex items-center gap-2">
      <Swatch tint={setting.tint ?? 0} />
      <p className="min-w-0 flex-1 text-13">
        <span className="font-medium">{name}</span>{" "}
        <span className="num text-12 text-muted" dir="ltr">
          {parametersText(setting, moment)}
        </span>
      </p>
      <IconButton
        size="sm"
        label={t("edit", { name })}
        aria-expanded={open}
        icon={<SlidersHorizontal {...ICON} />}
        onClick={() => onOpen(!open)}
      />
      <IconButton size="sm" label={t("remove", { name })} icon={<Trash2 {...ICON} />} onClick={onRemove} />
    </div>
  )
}
