import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { LinkButton } from "@/components/link-button"
import { usePageTitle } from "./page-title"
import { openPanel } from "./panels"

/** An address that the app does not know. */
export function NotFound() {
  const { t } = useTranslation("common")
  usePageTitle(t("notFound.title"))
  return (
    <section className="mx-auto flex w-full max-w-md flex-col items-start gap-3 px-6 py-24">
      <p className="num font-mono text-12 text-muted">404</p>
      <h1 className="font-display text-28">{t("notFound.title")}</h1>
      <p className="text-muted">{t("notFound.body")}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        <LinkButton to="/markets" variant="primary">
          {t("notFound.markets")}
        </LinkButton>
        <Button onClick={() => openPanel("palette")}>{t("palette.prompt")}</Button>
      </div>
    </section>
  )
}
