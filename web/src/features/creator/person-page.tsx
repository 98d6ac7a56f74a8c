/** `/people/$handle`: who somebody is, as far as they say. What they write is text, never markup. */

import { ApiProblem, type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useProfile } from "@/app/data/person"
import { api } from "@/app/exchange"
import { NotFound } from "@/app/not-found"
import { usePageTitle } from "@/app/page-title"
import { Avatar } from "@/components/avatar"
import { ErrorState } from "@/components/error-state"
import { LinkButton } from "@/components/link-button"
import { Skeleton } from "@/components/skeleton"
import { HERE, TimedText } from "@/components/timed-text"

export default function PersonPage() {
  const { handle = "" } = useParams({ strict: false })
  const own = useProfile()?.handle === handle
  const { data, error, refetch } = useQuery({
    queryKey: ["people", handle],
    queryFn: async () => told(await api.GET("/api/people/{handle}", { params: { path: { handle } } })),
  })
  usePageTitle(data ? data.display_name || data.handle : null)
  if (error instanceof ApiProblem && error.status === 404) return <NotFound />
  if (error && !data) return <ErrorState problem={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton w="100%" h="20rem" />
  return <Person person={data} own={own} />
}

function Person({ person: data, own }: { person: components["schemas"]["PublicProfile"]; own: boolean }) {
  const { t } = useTranslation("creator")
  return (
    <article className="mx-auto w-full max-w-3xl px-4 py-12 md:py-20">
      <Avatar handle={data.handle} avatarUrl={data.avatar?.large} size={128} />
      <h1 dir="auto" className="mt-6 font-display text-40 leading-tight break-words">
        {data.display_name || data.handle}
      </h1>
      <p className="mt-1 text-14 text-muted">
        <bdi>@{data.handle}</bdi> · <TimedText text={t("since", { time: HERE })} at={data.joined_at} form="date" />
      </p>
      <p dir="auto" className="mt-6 max-w-prose text-16 break-words whitespace-pre-wrap">
        {data.bio || <span className="text-muted">{t("noBio")}</span>}
      </p>
      {own && (
        <LinkButton to="/account" className="mt-8">
          {t("edit")}
        </LinkButton>
      )}
    </article>
  )
}
