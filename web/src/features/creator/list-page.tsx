/** `/creators`: until creators come with their own issue, what will be here and where to go meanwhile. */

import { useTranslation } from "react-i18next"
import { usePageTitle } from "@/app/page-title"
import { LinkButton } from "@/components/link-button"

export default function CreatorsPage() {
  const { t } = useTranslation("creator")
  usePageTitle(t("title"))
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-16 md:py-28">
      <h1 className="font-display text-40 leading-tight text-balance">{t("title")}</h1>
      <p className="mt-5 max-w-prose text-16 text-muted">{t("body")}</p>
      <LinkButton to="/markets" variant="primary" className="mt-8">
        {t("markets")}
      </LinkButton>
    </div>
  )
}
