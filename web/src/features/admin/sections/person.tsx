/** One person of the exchange, as staff sees them, with a timeline of what they did and what was done to them. */

import { ApiProblem, type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { useTranslation } from "react-i18next"
import { useProfile } from "@/app/data/person"
import { api } from "@/app/exchange"
import { ErrorState } from "@/components/error-state"
import { Skeleton } from "@/components/skeleton"
import { Time } from "@/components/time"
import { type Act, ActDialog } from "../act-dialog"
import { StatusBadge } from "../badges"
import { AuditTimeline } from "../audit-timeline"
import { PersonActs } from "../person-acts"

type Found = components["schemas"]["PersonAnswer"]

export function PersonPage({ userId }: { userId: number }) {
  const { t } = useTranslation("admin")
  const [act, setAct] = useState<Act | null>(null)
  const permissions = useProfile()?.permissions ?? []
  const found = useQuery({
    queryKey: ["admin", "users", userId],
    queryFn: async () => told(await api.GET("/api/admin/users/{user_id}", { params: { path: { user_id: userId } } })),
  })
  if (found.error instanceof ApiProblem) return <ErrorState problem={found.error} onRetry={() => void found.refetch()} />
  if (!found.data) return <Skeleton w="100%" h="16rem" />
  return (
    <div className="flex flex-col gap-6">
      <Link to="/admin/$section" params={{ section: "users" }} className="text-13 text-brand underline">
        {t("users.back")}
      </Link>
      <Facts found={found.data} />
      <PersonActs found={found.data} permissions={permissions} onAct={setAct} />
      {permissions.includes("audit.read") && (
        <section className="flex flex-col gap-3">
          <h2 className="text-16 font-medium">{t("users.timeline")}</h2>
          <AuditTimeline filter={{ actor: `user:${userId}` }} title={t("users.did")} />
          <AuditTimeline filter={{ object: `user:${userId}` }} title={t("users.wasDone")} />
          <AuditTimeline filter={{ object: `account:${found.data.person.account_id}` }} title={t("users.accountDone")} />
        </section>
      )}
      <ActDialog act={act} onClose={() => setAct(null)} />
    </div>
  )
}

function Facts({ found }: { found: Found }) {
  const { t } = useTranslation("admin")
  const { person } = found
  const facts: readonly { name: string; value: ReactNode }[] = [
    { name: t("users.id"), value: <span className="num">{person.user_id}</span> },
    { name: t("users.account"), value: <span className="num">{person.account_id}</span> },
    { name: t("users.status"), value: <StatusBadge status={person.status} /> },
    { name: t("users.email"), value: person.email },
    { name: t("users.proved"), value: person.verified_at === null ? t("users.notProved") : <Time at={person.verified_at} /> },
    { name: t("users.since"), value: <Time at={person.created_at} /> },
    { name: t("users.feeTier"), value: <span className="num">{person.fee_tier ?? "–"}</span> },
    { name: t("users.roles"), value: person.roles.join(", ") || "–" },
    { name: t("users.factors"), value: found.factors.join(", ") || t("users.noFactors") },
    { name: t("users.sessions"), value: <span className="num">{found.sessions}</span> },
    { name: t("users.keys"), value: <span className="num">{found.api_keys}</span> },
  ]
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-display text-28">{person.handle}</h2>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-4">
        {facts.map(({ name, value }) => (
          <div key={name} className="flex flex-col">
            <dt className="text-12 text-muted">{name}</dt>
            <dd className="text-14 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
