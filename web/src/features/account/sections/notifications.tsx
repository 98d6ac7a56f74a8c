/** Which letters the person gets. */

import { ApiProblem, told } from "@cse/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { ErrorState } from "@/components/error-state"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { Switch } from "@/components/switch"
import { Part } from "../part"

const KEY = ["profile", "notifications"]

export default function NotificationsSection() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const wanted = useQuery({ queryKey: KEY, queryFn: async () => told(await api.GET("/api/profile/notifications")) })
  const set = useMutation({
    mutationFn: async (body: { trade: boolean; product: boolean }) => told(await api.PUT("/api/profile/notifications", { body })),
    onSuccess: (now) => queries.setQueryData(KEY, now),
  })
  if (wanted.error) return <ErrorState problem={wanted.error} onRetry={() => void wanted.refetch()} />
  if (!wanted.data) return <Skeleton w="100%" h="10rem" />
  // What was pressed shows at once; a refusal puts it back.
  const now = { ...wanted.data, ...(set.isPending ? set.variables : {}) }
  return (
    <Part title={t("notifications.letters")} about={t("notifications.about")}>
      {set.error instanceof ApiProblem && <Notice kind="down" title={problemText(t, set.error)} />}
      <div className="flex max-w-lg flex-col gap-4">
        <Switch checked disabled onChange={() => undefined} label={t("notifications.security")} hint={t("notifications.securityHint")} />
        <Switch
          checked={now.trade}
          onChange={(trade) => set.mutate({ trade, product: now.product })}
          label={t("notifications.trade")}
          hint={t("notifications.tradeHint")}
        />
        <Switch
          checked={now.product}
          onChange={(product) => set.mutate({ trade: now.trade, product })}
          label={t("notifications.product")}
          hint={t("notifications.productHint")}
        />
      </div>
    </Part>
  )
}
