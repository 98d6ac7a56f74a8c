/** A document of an identity check; it is fetched when the reviewer asks, since each look is recorded. */

import { ApiProblem, type components, offline, problemOf } from "@cse/core"
import { useMutation } from "@tanstack/react-query"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { session } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { withStepUp } from "@/app/step-up"
import { Button } from "@/components/button"
import { Notice } from "@/components/notice"
import { Time } from "@/components/time"

type Document = components["schemas"]["DocumentJson"]

async function read(checkId: number, documentId: number): Promise<string> {
  const token = await session.token()
  const url = `/api/admin/identity-checks/${checkId}/documents/${documentId}`
  let answer: Response
  try {
    answer = await fetch(url, { headers: { Authorization: `Bearer ${token ?? ""}`, "X-CSE-Client": "web" } })
  } catch (cause) {
    throw offline(cause)
  }
  if (!answer.ok) throw problemOf(answer, await answer.json().catch(() => null))
  return URL.createObjectURL(await answer.blob())
}

export function DocumentView({ checkId, document }: { checkId: number; document: Document }) {
  const { t } = useTranslation("admin")
  const look = useMutation({ mutationFn: () => withStepUp(() => read(checkId, document.document_id)) })
  const url = look.data
  useEffect(() => (url === undefined ? undefined : () => URL.revokeObjectURL(url)), [url])
  const picture = document.media.startsWith("image/")
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-3">
      <div className="flex flex-wrap items-center gap-3 text-13">
        <span className="font-medium">{t(`identity.kind.${document.kind}`)}</span>
        <span className="text-muted">{document.media}</span>
        <span className="num text-muted">{t("identity.size", { kib: Math.ceil(document.size_bytes / 1024) })}</span>
        <Time at={document.uploaded_at} />
        {document.deleted_at === null ? (
          <Button size="sm" variant="secondary" pending={look.isPending} onClick={() => look.mutate()}>
            {t("identity.look")}
          </Button>
        ) : (
          <span className="text-muted">{t("identity.deleted")}</span>
        )}
      </div>
      {look.error instanceof ApiProblem && <Notice kind="down" title={problemText(t, look.error)} />}
      {url !== undefined && picture && (
        <img src={url} alt={t(`identity.kind.${document.kind}`)} className="max-h-[36rem] max-w-full border border-line object-contain" />
      )}
      {url !== undefined && !picture && (
        <a href={url} download={`document-${document.document_id}`} className="text-13 text-brand underline">
          {t("identity.save")}
        </a>
      )}
    </div>
  )
}
