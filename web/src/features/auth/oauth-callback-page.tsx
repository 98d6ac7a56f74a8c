/** Where a provider sends people back: the sign-in or the link is finished, with whatever it still needs. */

import { ApiProblem, type components, told } from "@cse/core"
import { useNavigate, useParams } from "@tanstack/react-router"
import { useEffect, useEffectEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { useSession } from "@/app/data/person"
import { PROVIDER_NAMES, type Provider } from "@/app/providers"
import { Button } from "@/components/button"
import { CopyText } from "@/components/copy-text"
import { Field } from "@/components/field"
import { LinkButton } from "@/components/link-button"
import { Notice } from "@/components/notice"
import { Skeleton } from "@/components/skeleton"
import { TextInput } from "@/components/text-input"
import { AuthCard } from "./auth-card"
import { useEnter } from "./enter"
import { askedFactor, SecondFactor } from "./second-factor"
import { useForm } from "@/app/use-form"

type Body = components["schemas"]["OAuthFinish"]

/** What the provider's redirect says. */
export interface Redirect {
  state: string
  code: string | null
  iss: string | null
  /** The provider's own word for a refusal. */
  error: string | null
}

/** Reads a redirect's query; null: this is none. */
export function redirectOf(search: string): Redirect | null {
  const said = new URLSearchParams(search)
  const state = said.get("state")
  if (state === null) return null
  return { state, code: said.get("code"), iss: said.get("iss"), error: said.get("error") }
}

export default function OAuthCallbackPage() {
  const { t } = useTranslation("auth")
  const { provider } = useParams({ strict: false })
  const [redirect] = useState(() => redirectOf(window.location.search))
  const known = provider !== undefined && provider in PROVIDER_NAMES ? (provider as Provider) : null
  if (known === null || redirect === null || redirect.code === null)
    return <Failed lead={redirect?.error ? t("social.refused") : t("social.nothing")} />
  return <Finishing provider={known} redirect={redirect} code={redirect.code} />
}

/** Back to where it was begun: by somebody who is in, to link; by others, to come in. */
function Failed({ lead }: { lead: string | null }) {
  const { t } = useTranslation("auth")
  const { isPerson } = useSession()
  return (
    <AuthCard title={t("social.failed")} lead={lead}>
      {isPerson ? (
        <LinkButton to="/account/$section" params={{ section: "security" }} variant="primary">
          {t("social.toSecurity")}
        </LinkButton>
      ) : (
        <LinkButton to="/login" variant="primary">
          {t("login.title")}
        </LinkButton>
      )}
    </AuthCard>
  )
}

/** A code is good once: a page that is drawn twice must not send it twice. */
const sent = new Set<string>()

function Finishing({ provider, redirect, code }: { provider: Provider; redirect: Redirect; code: string }) {
  const { t } = useTranslation("auth")
  const enter = useEnter()
  const navigate = useNavigate()
  const { state } = redirect
  const finish = async (more: Partial<Body>): Promise<void> => {
    const params = { path: { provider } }
    const done = told(await api.POST("/api/auth/oauth/{provider}/finish", { params, body: { state, ...more } }))
    if (done.access_token !== null && done.expires_in !== null)
      await enter({ access_token: done.access_token, expires_in: done.expires_in })
    else await navigate({ to: "/account/$section", params: { section: "security" }, replace: true })
  }
  const form = useForm(["handle"], async () => undefined)
  const begin = useEffectEvent(() => {
    if (sent.has(state)) return
    sent.add(state)
    window.history.replaceState(window.history.state, "", window.location.pathname)
    void form.run(() => finish({ code, ...(redirect.iss === null ? {} : { iss: redirect.iss }) }))
  })
  useEffect(() => begin(), [])
  const name = PROVIDER_NAMES[provider]
  const { problem } = form
  const factor = problem && askedFactor(problem)
  if (factor)
    return (
      <AuthCard title={t("factor.title")} lead={t("factor.lead")}>
        <SecondFactor asked={factor} send={finish} onBack={() => void navigate({ to: "/login" })} />
      </AuthCard>
    )
  if (problem && (problem.code === "handle_required" || problem.code === "handle_taken"))
    return <ChooseHandle taken={problem.code === "handle_taken"} name={name} finish={finish} />
  if (problem?.code === "binding_required") return <ForProgram provider={provider} brought={{ ...redirect, code }} />
  if (problem instanceof ApiProblem)
    return <Failed lead={form.said} />
  return (
    <AuthCard title={t("social.going", { provider: name })}>
      <Skeleton w="100%" h="6rem" />
    </AuthCard>
  )
}

/** A program began it, which alone can finish it: what it needs, and a word to those who were talked into this. */
function ForProgram({ provider, brought }: { provider: Provider; brought: Redirect }) {
  const { t } = useTranslation("auth")
  const { code, state, iss } = brought
  const text = JSON.stringify(iss === null ? { code, state } : { code, state, iss })
  return (
    <AuthCard title={t("social.elsewhere")} lead={t("social.elsewhereLead", { provider: PROVIDER_NAMES[provider] })}>
      <Notice kind="warn" title={t("social.elsewhereWarning")} />
      <CopyText text={text} className="break-all text-start" />
    </AuthCard>
  )
}

function ChooseHandle({ taken, name, finish }: { taken: boolean; name: string; finish: (more: Partial<Body>) => Promise<void> }) {
  const { t } = useTranslation("auth")
  const [handle, setHandle] = useState("")
  const form = useForm(["handle"], () => finish({ handle }), { handle_taken: "handle" })
  return (
    <AuthCard title={t("social.new", { provider: name })} lead={t("social.newLead")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {(form.said ?? (taken && t("social.taken"))) && <Notice kind="down" title={form.said ?? t("social.taken")} />}
        <Field label={t("signup.handle")} hint={t("signup.handleHint")} error={form.error("handle")}>
          {(ids) => (
            <TextInput {...ids} name="handle" autoComplete="nickname" required value={handle} onChange={(event) => setHandle(event.target.value)} />
          )}
        </Field>
        <Button type="submit" variant="primary" pending={form.pending}>
          {t("signup.go")}
        </Button>
      </form>
    </AuthCard>
  )
}
