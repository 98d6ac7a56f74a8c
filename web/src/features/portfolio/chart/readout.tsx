/** The numbers at the pointer, or of now: also the key to the lines. */

import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { Money } from "@/components/money"
import { Skeleton } from "@/components/skeleton"
import { Time } from "@/components/time"
import type { Point } from "../data"
import { Gain } from "../gain"

interface Props {
  point: Point | null
  reference: string
}

export function Readout({ point, reference }: Props) {
  const { t } = useTranslation("portfolio")
  return (
    <dl className="grid min-w-0 grid-cols-2 gap-x-6 gap-y-1 text-12 sm:grid-cols-[9.5rem_repeat(3,auto)] sm:justify-start">
      <Fact label={t("chart.at")}>{point && <Time at={point.time} className="num" />}</Fact>
      <Fact label={t("chart.value")} line={<line x1="0" x2="14" y1="4" y2="4" className="stroke-text" strokeWidth="2" />}>
        {point && <Money value={point.value} asset={reference} />}
      </Fact>
      <Fact
        label={t("chart.deposits")}
        line={<line x1="0" x2="14" y1="4" y2="4" className="stroke-muted" strokeWidth="1" strokeDasharray="3 2" />}
      >
        {point && <Money value={point.net_deposits} asset={reference} />}
      </Fact>
      <Fact label={t("chart.profit")} line={<rect width="14" height="8" className="fill-up opacity-40" />}>
        {point && <Gain value={point.profit} asset={reference} />}
      </Fact>
    </dl>
  )
}

function Fact({ label, line, children }: { label: string; line?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="flex items-center gap-1.5 text-11 text-muted">
        {line !== undefined && (
          <svg aria-hidden width="14" height="8">
            {line}
          </svg>
        )}
        {label}
      </dt>
      <dd>{children ?? <Skeleton w={104} h={17} />}</dd>
    </div>
  )
}
