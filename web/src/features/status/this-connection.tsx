import { useTranslation } from "react-i18next"
import { live } from "@/app/exchange"
import { useNow } from "@/components/use-now"
import { useConnection } from "@/stream/hooks"
import { Section, StateRow } from "./section"

/** How this tab's own connection is. */
export function ThisConnection() {
  const { t } = useTranslation("status")
  const { t: common } = useTranslation("common")
  const state = useConnection()
  useNow(1_000)
  const { latencyMs } = live.counts
  return (
    <Section title={t("connection.title")}>
      <StateRow
        name={t("connection.stream")}
        about={common(`connection.about.${state}`)}
        state={
          <span className="num">
            {latencyMs === null ? common(`state.${state}`) : common("connection.latency", { ms: Math.round(latencyMs) })}
          </span>
        }
        tone={state === "live" ? "good" : state === "healing" ? "warn" : "danger"}
      />
      <StateRow name={t("connection.version")} state={<span className="num">{CSE_WEB_VERSION}</span>} tone="muted" />
    </Section>
  )
}
