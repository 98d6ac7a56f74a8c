import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useMarkets } from "@/app/data/markets"
import { Section, StateRow } from "./section"

const TONES = { open: "good", cancel_only: "warn", halted: "danger", closed: "muted" } as const

/** Whether each market trades: those that do not come first. */
export function MarketStates() {
  const { t } = useTranslation("status")
  const { markets } = useMarkets()
  const sorted = markets.toSorted((a, b) => Number(a.status === "open") - Number(b.status === "open"))
  if (sorted.length === 0) return null
  const open = sorted.filter((each) => each.status === "open").length
  return (
    <Section title={t("markets.title", { open, count: sorted.length })}>
      {sorted.map(({ market, base, quote, status }) => (
        <StateRow
          key={market}
          name={
            <Link to="/trade/$market" params={{ market }} className="underline-offset-4 hover:underline">
              {base} / {quote}
            </Link>
          }
          state={t(`markets.states.${status}`)}
          tone={TONES[status]}
        />
      ))}
    </Section>
  )
}
