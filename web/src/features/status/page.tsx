/** How the exchange is, for everybody, in plain words. */

import { useTranslation } from "react-i18next"
import { useHealth } from "@/app/exchange-state"
import { usePageTitle } from "@/app/page-title"
import { Button } from "@/components/button"
import { Skeleton } from "@/components/skeleton"
import { HERE, TimedText } from "@/components/timed-text"
import { Dependencies } from "./dependencies"
import { MarketStates } from "./market-states"
import { ThisConnection } from "./this-connection"

const ASK_MS = 10_000

export default function StatusPage() {
  const { t } = useTranslation("status")
  usePageTitle(t("title"))
  // What was true before the exchange fell silent says nothing of now.
  const { data, error, refetch, dataUpdatedAt } = useHealth(true, ASK_MS)
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-10">
      <h1 className="font-display text-28">{t("title")}</h1>
      <Verdict status={error ? "unreachable" : data?.status} />
      {dataUpdatedAt > 0 && (
        <p className="mt-1 text-12 text-muted">
          <TimedText text={t("asOf", { time: HERE })} at={dataUpdatedAt} form="time" /> · {t("again")}
        </p>
      )}
      {error ? (
        <Button className="mt-4" onClick={() => void refetch()}>
          {t("retry")}
        </Button>
      ) : (
        <>
          {data && <Dependencies ready={data} />}
          <MarketStates />
        </>
      )}
      <ThisConnection />
    </div>
  )
}

const DOTS = { ready: "bg-good", degraded: "bg-warn", not_ready: "bg-danger", unreachable: "bg-danger" } as const

/** The whole in one sentence. */
function Verdict({ status }: { status: keyof typeof DOTS | undefined }) {
  const { t } = useTranslation("status")
  if (status === undefined) return <Skeleton w={280} h={24} className="mt-3" />
  return (
    <p role="status" className="mt-3 flex items-center gap-3 text-16">
      <span aria-hidden className={`size-2.5 rounded-full ${DOTS[status]}`} />
      {t(`verdict.${status}`)}
    </p>
  )
}
