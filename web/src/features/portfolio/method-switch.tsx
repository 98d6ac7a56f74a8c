import { useTranslation } from "react-i18next"
import { SegmentedControl } from "@/components/segmented-control"
import type { Method } from "./data"
import { usePortfolioSettings } from "./settings"

/** FIFO or average: how what was sold is told from what is left. */
export function MethodSwitch() {
  const { t } = useTranslation("portfolio")
  const { method, set } = usePortfolioSettings()
  const options = (["fifo", "average"] as const).map((value) => ({ value, label: t(`method.${value}`) }))
  return <SegmentedControl<Method> size="sm" label={t("method.label")} value={method} onChange={(next) => set({ method: next })} options={options} />
}
