/** A month of the last two years, or two days. */

import { useTranslation } from "react-i18next"
import { SegmentedControl } from "@/components/segmented-control"
import { Select } from "@/components/select"
import { TextInput } from "@/components/text-input"
import { useNow } from "@/components/use-now"
import { monthPeriod, monthsUntil } from "./period"

export interface Chosen {
  by: "month" | "days"
  /** "2026-11". */
  month: string
  /** "2026-11-05", or "" while there is none. */
  first: string
  last: string
}

const MONTHS = 24

interface Props {
  chosen: Chosen
  onChange: (chosen: Chosen) => void
}

export function PeriodChoice({ chosen, onChange }: Props) {
  const { t } = useTranslation("portfolio")
  return (
    <>
      <SegmentedControl<Chosen["by"]>
        size="sm"
        label={t("period.label")}
        value={chosen.by}
        onChange={(by) => onChange({ ...chosen, by })}
        options={[
          { value: "month", label: t("period.month") },
          { value: "days", label: t("period.days") },
        ]}
      />
      {chosen.by === "month" ? <Month chosen={chosen} onChange={onChange} /> : <Days chosen={chosen} onChange={onChange} />}
    </>
  )
}

function Month({ chosen, onChange }: Props) {
  const { t, i18n } = useTranslation("portfolio")
  const form = new Intl.DateTimeFormat(`${i18n.language}-u-nu-latn`, { year: "numeric", month: "long", timeZone: "UTC" })
  const options = monthsUntil(useNow(null), MONTHS).map((value) => ({ value, label: form.format(monthPeriod(value).from) }))
  return <Select size="sm" label={t("period.month")} value={chosen.month} onChange={(month) => onChange({ ...chosen, month })} options={options} />
}

function Days({ chosen, onChange }: Props) {
  const { t } = useTranslation("portfolio")
  const today = new Date(useNow(null)).toISOString().slice(0, 10)
  const ends = { first: t("period.first"), last: t("period.last") }
  return (["first", "last"] as const).map((end) => (
    <TextInput
      key={end}
      type="date"
      aria-label={ends[end]}
      title={ends[end]}
      max={today}
      value={chosen[end]}
      onChange={(event) => onChange({ ...chosen, [end]: event.target.value })}
      className="h-7! w-36! px-2! text-12!"
    />
  ))
}
