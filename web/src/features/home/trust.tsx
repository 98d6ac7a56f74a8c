import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"

const TOLD = ["journal", "ledger", "open"] as const
const LINK = "underline underline-offset-4 hover:text-text"

/** What can be said of today's software, and where to look. */
export function Trust() {
  const { t } = useTranslation("home")
  return (
    <section className="border-t border-line py-12 md:py-16">
      <h2 className="font-display text-28">{t("trust.title")}</h2>
      <dl className="mt-6 grid gap-x-12 gap-y-6 md:grid-cols-3">
        {TOLD.map((key) => (
          <div key={key}>
            <dt className="text-16 font-medium">{t(`trust.${key}`)}</dt>
            <dd className="mt-1 text-14 text-muted">{t(`trust.${key}Body`)}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-8 flex flex-wrap gap-x-6 gap-y-2 text-14 text-muted">
        <Link to="/status" className={LINK}>
          {t("trust.status")}
        </Link>
        <a href="/api/docs" className={LINK}>
          {t("trust.api")}
        </a>
      </p>
    </section>
  )
}
