import type { Market } from "@cse/core"
import { useTranslation } from "react-i18next"
import { useSession } from "@/app/data/person"
import { usePortfolio } from "@/app/data/portfolio"
import { IS_SANDBOX } from "@/app/is-sandbox"
import { Amount } from "@/components/amount"
import { LinkButton } from "@/components/link-button"
import { LivingMarket } from "./living-market"

/** One sentence, one thing to do, and a market that lives. */
export function Hero({ market }: { market: Market | null }) {
  const { t } = useTranslation("home")
  const { state, isPerson } = useSession()
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] items-center gap-x-16 gap-y-12 py-12 md:py-20 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div>
        <h1 className="font-display text-[clamp(2.5rem,5.2vw,4.25rem)] leading-[1.02] font-semibold tracking-[-0.035em] text-balance">
          {t("hero.title")}
        </h1>
        <p className="mt-6 max-w-[34ch] text-20 leading-snug text-muted">{t("hero.body")}</p>
        <div className="mt-8 flex min-h-11 flex-wrap items-center gap-3">
          {isPerson ? <GoOn /> : state === "unknown" ? null : <Come />}
        </div>
        {IS_SANDBOX && !isPerson && <p className="mt-4 text-13 text-muted">{t("hero.sandbox")}</p>}
      </div>
      <LivingMarket market={market} />
    </section>
  )
}

function Come() {
  const { t } = useTranslation("home")
  return (
    <>
      <LinkButton to="/signup" variant="primary" size="lg">
        {t("hero.signUp")}
      </LinkButton>
      <LinkButton to="/markets" size="lg">
        {t("hero.markets")}
      </LinkButton>
    </>
  )
}

/** For those who are in: where they were, and what they have. */
function GoOn() {
  const { t } = useTranslation("home")
  const { data } = usePortfolio()
  return (
    <>
      <LinkButton to="/trade" variant="primary" size="lg">
        {t("hero.goOn")}
      </LinkButton>
      <LinkButton to="/portfolio" size="lg">
        {data ? <Amount value={data.total.value} asset={data.reference} /> : t("hero.portfolio")}
      </LinkButton>
    </>
  )
}
