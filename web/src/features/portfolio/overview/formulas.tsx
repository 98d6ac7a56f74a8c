/** What each number means, one press away: docs/reference/portfolio.md in plain words. */

import { CircleHelp } from "lucide-react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { Popover } from "@/components/popover"

const TERMS = ["value", "netDeposits", "profit", "unrealised", "realised", "moves", "fees", "fifo", "average", "basis"] as const

export function Formulas() {
  const { t } = useTranslation("portfolio")
  return (
    <Popover
      label={t("formulas.title")}
      className="max-h-[70vh] w-[min(26rem,calc(100vw-2rem))]! overflow-y-auto"
      trigger={
        <Button size="sm" variant="ghost">
          <CircleHelp aria-hidden size={14} strokeWidth={1.5} />
          {t("formulas.open")}
        </Button>
      }
    >
      <h2 className="mb-2 text-14 font-medium">{t("formulas.title")}</h2>
      <dl className="flex flex-col gap-2.5">
        {TERMS.map((term) => (
          <div key={term}>
            <dt className="font-medium">{t(`formulas.${term}.name`)}</dt>
            <dd className="text-12 text-muted">{t(`formulas.${term}.is`)}</dd>
          </div>
        ))}
      </dl>
    </Popover>
  )
}
