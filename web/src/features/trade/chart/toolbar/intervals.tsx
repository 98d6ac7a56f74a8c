/** The lengths of a candle: all in a row where there is room, a list where there is not. */

import { useTranslation } from "react-i18next"
import { RadioGroup } from "radix-ui"
import { cx } from "@/components/class-names"
import { Select } from "@/components/select"
import { INTERVALS, type Interval } from "../engine/intervals"

export function Intervals({ value, onChange }: { value: Interval; onChange: (interval: Interval) => void }) {
  const { t } = useTranslation("chart")
  const options = INTERVALS.map((interval) => ({ value: interval, label: interval }))
  return (
    <>
      <Select size="sm" className="w-16 @2xl:hidden" label={t("interval")} value={value} options={options} onChange={onChange} />
      <RadioGroup.Root
        aria-label={t("interval")}
        orientation="horizontal"
        dir="ltr"
        value={value}
        onValueChange={(next) => onChange(next as Interval)}
        className="hidden @2xl:flex"
      >
        {INTERVALS.map((interval) => (
          <RadioGroup.Item
            key={interval}
            value={interval}
            className={cx(
              "h-7 min-w-7 rounded-input px-1.5 text-12 text-muted hover:bg-raised hover:text-text",
              "data-[state=checked]:bg-line data-[state=checked]:font-medium data-[state=checked]:text-text",
            )}
          >
            {interval}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </>
  )
}
