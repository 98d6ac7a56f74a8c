/** What the account has, what became of it, and papers about it: four parts, one of them open. */

import { Link, useParams } from "@tanstack/react-router"
import { Suspense } from "react"
import { useTranslation } from "react-i18next"
import { NotFound } from "@/app/not-found"
import { usePageTitle } from "@/app/page-title"
import { type Section, SECTIONS } from "./sections"

export default function PortfolioPage() {
  const { t } = useTranslation("portfolio")
  const { section } = useParams({ strict: false })
  const shown = SECTIONS.find((each) => each.key === (section ?? "overview"))
  usePageTitle(shown ? (shown.key === "overview" ? t("title") : t(`sections.${shown.key}`)) : null)
  if (!shown) return <NotFound />
  const Page = shown.page
  return (
    <div className="mx-auto flex w-full max-w-6xl min-w-0 flex-col gap-6 px-4 py-6 md:py-10">
      <header className="flex flex-col gap-3">
        <h1 className="font-display text-28">{t("title")}</h1>
        <Parts shown={shown} />
      </header>
      <Suspense fallback={<div aria-busy className="min-h-160" />}>
        <Page />
      </Suspense>
    </div>
  )
}

function Parts({ shown }: { shown: Section }) {
  const { t } = useTranslation("portfolio")
  return (
    <nav aria-label={t("nav")} className="-mx-4 flex gap-5 overflow-x-auto border-b border-line px-4 md:mx-0 md:px-0">
      {SECTIONS.map((each) => (
        <Link
          key={each.key}
          to="/portfolio/$section"
          params={{ section: each.key }}
          aria-current={each === shown ? "page" : undefined}
          className="-mb-px inline-flex h-10 shrink-0 items-center border-b-2 border-transparent text-13 text-muted -outline-offset-2 hover:text-text aria-[current=page]:border-text aria-[current=page]:text-text"
        >
          {t(`sections.${each.key}`)}
        </Link>
      ))}
    </nav>
  )
}
