/** Taking the own data along, and leaving. */

import { ApiProblem, offline, problemOf, told } from "@cse/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useProfile } from "@/app/data/person"
import { saveFile } from "@/app/download"
import { api, session } from "@/app/exchange"
import { logOut } from "@/app/presence"
import { problemText } from "@/app/problem-text"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"
import { Time } from "@/components/time"
import { Part } from "../part"

const KEY = ["account", "export"]

export default function DataSection() {
  const { t } = useTranslation("account")
  const [leaving, setLeaving] = useState(false)
  return (
    <>
      <Part title={t("data.export")} about={t("data.exportAbout")}>
        <Export />
      </Part>
      <Part title={t("data.close")} about={t("data.closeAbout")}>
        <div>
          <Button variant="danger" onClick={() => setLeaving(true)}>
            {t("data.closeGo")}
          </Button>
        </div>
        {leaving && <Closing onClose={() => setLeaving(false)} />}
      </Part>
    </>
  )
}

async function exported(): Promise<Blob> {
  const token = await session.token()
  const headers = { Authorization: `Bearer ${token ?? ""}`, "X-CSE-Client": "web" }
  let answer: Response
  try {
    answer = await fetch("/api/account/export", { method: "POST", headers })
  } catch (cause) {
    throw offline(cause)
  }
  if (!answer.ok) throw problemOf(answer, await answer.json().catch(() => null))
  return await answer.blob()
}

function Export() {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const before = useQuery({ queryKey: KEY, queryFn: async () => told(await api.GET("/api/account/export")).exports })
  const make = useMutation({
    mutationFn: () => withStepUp(exported),
    onSuccess: (file) => saveFile("cs-exchange-my-data.ndjson", file),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  })
  return (
    <div className="flex flex-col gap-3">
      {make.error instanceof ApiProblem && <Notice kind="down" title={problemText(t, make.error)} />}
      <div className="flex items-center gap-3">
        <Button variant="secondary" pending={make.isPending} onClick={() => make.mutate()}>
          {t("data.exportGo")}
        </Button>
        {make.isPending && <output className="text-13 text-muted">{t("data.exporting")}</output>}
      </div>
      <ul className="text-13 text-muted">
        {(before.data ?? []).slice(0, 5).map((each) => (
          <li key={each.export_id}>
            <Time at={each.asked_at} /> · {t("data.lines", { count: each.lines })}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Closing({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("account")
  const profile = useProfile()
  const [handle, setHandle] = useState("")
  const form = useForm(["handle"], async () => {
    await withStepUp(() => api.POST("/api/account/close", { body: { handle } }))
    await logOut()
  })
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("data.closeTitle")} description={t("data.closeMeans")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && (
          <Notice kind="down" title={form.said}>
            {form.problem?.code === "closure_refused" && <Obstacles fields={form.problem.fields} />}
          </Notice>
        )}
        <Field label={t("data.closeHandle", { handle: profile?.handle ?? "" })} error={form.error("handle")}>
          {(ids) => <TextInput {...ids} name="handle" autoComplete="off" required value={handle} onChange={(event) => setHandle(event.target.value)} />}
        </Field>
        <Button type="submit" variant="danger" pending={form.pending} disabled={handle !== profile?.handle}>
          {t("data.closeGo")}
        </Button>
      </form>
    </Dialog>
  )
}

/** What stands in the way, by account, as the exchange says it. */
function Obstacles({ fields }: { fields: Readonly<Record<string, string>> }) {
  return (
    <ul>
      {Object.entries(fields).map(([account, why]) => (
        <li key={account}>
          <bdi>{account}</bdi>: <bdi>{why}</bdi>
        </li>
      ))}
    </ul>
  )
}
