/** The own account: a list of parts, one of them open. */

import { Link, useParams } from "@tanstack/react-router"
import { Suspense, useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import { NotFound } from "@/app/not-found"
import { usePageTitle } from "@/app/page-title"
import { Skeleton } from "@/components/skeleton"
import { SECTIONS } from "./sections"

export default function AccountPage() {
  const { t } = useTranslation("account")
  const { section } = useParams({ strict: false })
  const shown = SECTIONS.find((each) => each.key === (section ?? "profile"))
  const key = shown?.key ?? ""
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    // On a phone the parts are a row that scrolls: the open one is in sight.
    nav.current?.querySelector(`a[href$="/${key}"]`)?.scrollIntoView({ block: "nearest", inline: "center" })
  }, [key])
  usePageTitle(shown ? t(`sections.${shown.key}`) : null)
  if (!shown) return <NotFound />
  const Page = shown.page
  return (
    <div className="mx-auto grid w-full max-w-5xl grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-6 px-4 py-8 md:grid-cols-[11rem_minmax(0,1fr)] md:py-12">
      <nav ref={nav} aria-label={t("nav")} className="-mx-4 flex gap-1 overflow-x-auto px-4 md:mx-0 md:flex-col md:px-0">
        {SECTIONS.map((each) => (
          <Link
            key={each.key}
            to="/account/$section"
            params={{ section: each.key }}
            aria-current={each === shown ? "page" : undefined}
            className="whitespace-nowrap rounded-input px-3 py-1.5 text-14 text-muted hover:text-text aria-[current=page]:bg-raised aria-[current=page]:text-text"
          >
            {t(`sections.${each.key}`)}
          </Link>
        ))}
      </nav>
      <div className="flex min-w-0 flex-col gap-8">
        <h1 className="font-display text-28">{t(`sections.${shown.key}`)}</h1>
        <Suspense fallback={<Skeleton w="100%" h="16rem" />}>
          <Page />
        </Suspense>
      </div>
    </div>
  )
}
