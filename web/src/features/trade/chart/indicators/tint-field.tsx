/** The colour that an indicator's lines begin with. */

import { useTranslation } from "react-i18next"
import { SegmentedControl } from "@/components/segmented-control"
import { lineColor, palette, TINTS } from "./palette"

const ALL = Array.from({ length: TINTS }, (_, tint) => String(tint))

/** A dot in a colour of the palette; its name stands elsewhere. */
export function Swatch({ tint }: { tint: number }) {
  return (
    <span aria-hidden className="inline-block size-3 shrink-0 rounded-full" style={{ background: lineColor(palette(), tint, 0) }} />
  )
}

export function TintField({ value, onChange }: { value: number; onChange: (tint: number) => void }) {
  const { t } = useTranslation("indicators")
  const options = ALL.map((each) => ({
    value: each,
    label: (
      <>
        <Swatch tint={Number(each)} />
        <span className="sr-only">{t(`tint.${each}`)}</span>
      </>
    ),
  }))
  return (
    <div className="flex items-center gap-3 pb-2">
      <span className="text-12 font-medium text-muted">{t("tint.label")}</span>
      <SegmentedControl
        size="sm"
        label={t("tint.label")}
        value={String(value)}
        options={options}
        onChange={(next) => onChange(Number(next))}
      />
    </div>
  )
}
