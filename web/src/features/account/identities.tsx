/** Identities elsewhere that sign in to this account. */

import { ApiProblem, type components, told } from "@cse/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { goTo, PROVIDER_NAMES, useProviders } from "@/app/providers"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { DataTable } from "@/components/data-table"
import { Notice } from "@/components/notice"
import { Time } from "@/components/time"
import { Part } from "./part"

type Identity = components["schemas"]["IdentityJson"]
const KEY = ["identities"]

/** Nothing where this exchange has set up no provider. */
export function IdentitiesPart() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const providers = useProviders()
  // At most 20 of them: one page holds all.
  const own = useQuery({ queryKey: KEY, queryFn: async () => told(await api.GET("/api/identities")).identities })
  const unlink = useMutation({
    mutationFn: (id: number) =>
      withStepUp(() => api.DELETE("/api/identities/{identity_id}", { params: { path: { identity_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  })
  const link = useForm([], async () => undefined)
  const rows = own.data ?? []
  if (providers.length === 0 && rows.length === 0) return null
  const said = link.said ?? (unlink.error instanceof ApiProblem ? problemText(t, unlink.error) : null)
  return (
    <Part title={t("identities.title")} about={t("identities.about")}>
      {said && <Notice kind="down" title={said} />}
      {rows.length > 0 && (
        <DataTable<Identity>
          caption={t("identities.title")}
          rows={rows}
          rowKey={(row) => String(row.id)}
          empty={null}
          columns={[
            { key: "provider", header: t("identities.where"), cell: (row) => PROVIDER_NAMES[row.provider] },
            { key: "name", header: t("identities.name"), cell: (row) => row.channel_name ?? row.name },
            { key: "linked", header: t("identities.linked"), cell: (row) => <Time at={row.linked_at} /> },
            {
              key: "acts",
              header: "",
              align: "end",
              cell: (row) => (
                <Button size="sm" variant="ghost" pending={unlink.isPending && unlink.variables === row.id} onClick={() => unlink.mutate(row.id)}>
                  {t("identities.unlink")}
                </Button>
              ),
            },
          ]}
        />
      )}
      <div className="flex flex-wrap gap-2">
        {providers.map((provider) => (
          <Button
            key={provider}
            variant="secondary"
            pending={link.pending}
            onClick={() => void link.run(() => withStepUp(() => goTo(provider, "link")))}
          >
            {t("identities.link", { provider: PROVIDER_NAMES[provider] })}
          </Button>
        ))}
      </div>
    </Part>
  )
}
