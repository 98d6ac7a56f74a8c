/** The office: plain and fast. Each section shows itself to who may enter it. */

import { Link, useParams } from "@tanstack/react-router"
import { Suspense } from "react"
import { useTranslation } from "react-i18next"
import { useProfile } from "@/app/data/person"
import { NotFound } from "@/app/not-found"
import { EmptyState } from "@/components/empty-state"
import { Skeleton } from "@/components/skeleton"
import { KillSwitch } from "./kill-switch"
import { sectionsFor } from "./sections"

/** /admin, /admin/SECTION and /admin/SECTION/ID. */
export default function AdminPage() {
  const { t } = useTranslation("admin")
  const { section, id } = useParams({ strict: false })
  const self = useProfile()
  if (!self) return <Skeleton w="100%" h="24rem" />
  const mine = sectionsFor(self.permissions)
  const shown = mine.find((each) => each.key === (section ?? mine[0]?.key))
  if (mine.length === 0) return <EmptyState title={t("noStaff.title")} body={t("noStaff.body")} />
  if (!shown) return <NotFound />
  const Page = shown.page
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] lg:grid-cols-[12rem_minmax(0,1fr)]">
      <nav
        aria-label={t("nav")}
        className="flex gap-1 overflow-x-auto border-line p-2 text-13 max-lg:border-b lg:min-h-[calc(100dvh-3rem)] lg:flex-col lg:border-e lg:p-3"
      >
        {mine.map((each) => (
          <Link
            key={each.key}
            to="/admin/$section"
            params={{ section: each.key }}
            aria-current={each === shown ? "page" : undefined}
            className="whitespace-nowrap rounded-input px-2 py-1.5 text-muted hover:text-text aria-[current=page]:bg-raised aria-[current=page]:text-text"
          >
            {t(`sections.${each.key}`)}
          </Link>
        ))}
      </nav>
      <div className="flex min-w-0 flex-col gap-4 p-4 lg:p-6">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h1 className="text-20 font-medium">{t(`sections.${shown.key}`)}</h1>
          {self.permissions.includes("market.kill_switch") && <KillSwitch />}
        </div>
        <Suspense fallback={<Skeleton w="100%" h="20rem" />}>
          <Page {...(id === undefined ? {} : { id })} />
        </Suspense>
      </div>
    </div>
  )
}
