/** One API key: what it may do, from where, when it was used; rotation and its end. */

import { ApiProblem, type components, told } from "@cse/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { withStepUp } from "@/app/step-up"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { ConfirmDialog } from "@/components/confirm-dialog"
import { CopyText } from "@/components/copy-text"
import { Notice } from "@/components/notice"
import { HERE, TimedText } from "@/components/timed-text"
import type { MadeKey } from "./make-key"
import { RotatePair } from "./rotate-pair"

type Key = components["schemas"]["Key"]

interface Props {
  apiKey: Key
  /** The account that it acts on, for who has several. */
  account: string | undefined
  onChanged: () => void
  onMade: (made: MadeKey) => void
}

export function KeyCard({ apiKey: key, account, onChanged, onMade }: Props) {
  const { t } = useTranslation("account")
  const [asked, setAsked] = useState(false)
  const params = { path: { key_id: key.id } }
  const remove = useMutation({
    mutationFn: () => withStepUp(() => api.DELETE("/api/keys/{key_id}", { params })),
    onSettled: onChanged,
  })
  const rotate = useMutation({
    mutationFn: async () => told(await withStepUp(() => api.POST("/api/keys/{key_id}/rotate", { params, body: {} }))),
    onSuccess: onMade,
  })
  const problem = remove.error ?? rotate.error
  return (
    <li className="flex flex-col gap-2 border-t border-line py-4">
      <div className="flex flex-wrap items-center gap-3">
        <span className="font-medium">{key.name}</span>
        {account !== undefined && <Badge>{account}</Badge>}
        {key.scopes.map((scope) => (
          <Badge key={scope} kind={scope === "read" ? "plain" : "info"}>
            {t(`keys.scope.${scope}`)}
          </Badge>
        ))}
        <CopyText text={key.id} className="text-12" label={t("keys.copyId")} />
      </div>
      <Facts apiKey={key} />
      {problem instanceof ApiProblem && <Notice kind="down" title={problemText(t, problem)} />}
      <div className="flex gap-2">
        {key.kind === "ed25519" ? (
          <RotatePair keyId={key.id} onRotated={onChanged} />
        ) : (
          <Button size="sm" variant="secondary" pending={rotate.isPending} onClick={() => rotate.mutate()}>
            {t("keys.rotate")}
          </Button>
        )}
        <Button size="sm" variant="ghost" pending={remove.isPending} onClick={() => setAsked(true)}>
          {t("keys.delete")}
        </Button>
      </div>
      <ConfirmDialog
        open={asked}
        onOpenChange={setAsked}
        title={t("keys.deleteTitle", { name: key.name })}
        description={t("keys.deleteMeans")}
        confirmLabel={t("keys.delete")}
        danger
        onConfirm={() => remove.mutate()}
      />
    </li>
  )
}

function Facts({ apiKey: key }: { apiKey: Key }) {
  const { t } = useTranslation("account")
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-12 text-muted">
      <span>{key.kind}</span>
      <span>
        <TimedText text={t("keys.since", { time: HERE })} at={key.created_at} />
      </span>
      <span>{key.last_used_at === null ? t("keys.neverUsed") : <TimedText text={t("keys.used", { time: HERE })} at={key.last_used_at} />}</span>
      {key.expires_at !== null && (
        <span>
          <TimedText text={t("keys.until", { time: HERE })} at={key.expires_at} />
        </span>
      )}
      {key.old_until !== null && (
        <span className="text-warn">
          <TimedText text={t(key.kind === "ed25519" ? "keys.oldPairUntil" : "keys.oldUntil", { time: HERE })} at={key.old_until} />
        </span>
      )}
      <span className="font-mono">{key.ip_allowlist.length === 0 ? t("keys.anywhere") : key.ip_allowlist.join(", ")}</span>
    </p>
  )
}
