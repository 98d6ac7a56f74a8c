/** The toolbar's button for indicators; the dialog is loaded when it is first opened. */

import { ChartSpline } from "lucide-react"
import { lazy, Suspense, useState } from "react"
import { useTranslation } from "react-i18next"
import { IconButton } from "@/components/icon-button"
import type { IndicatorSetting } from "../layouts/schema"

const Picker = lazy(() => import("./picker"))

export interface IndicatorButtonProps {
  value: readonly IndicatorSetting[]
  onChange: (value: readonly IndicatorSetting[]) => void
}

export function IndicatorButton({ value, onChange }: IndicatorButtonProps) {
  const { t } = useTranslation("chart")
  const [open, setOpen] = useState(false)
  const icon = <ChartSpline aria-hidden size={16} strokeWidth={1.5} />
  return (
    <>
      <IconButton size="sm" label={t("indicators")} icon={icon} aria-haspopup="dialog" onClick={() => setOpen(true)} />
      {open && (
        <Suspense fallback={null}>
          <Picker value={value} onChange={onChange} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
