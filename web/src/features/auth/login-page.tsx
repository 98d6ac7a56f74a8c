/** Logging in: password and second factor, passkey, or somebody else's sign-in. */

import { ApiProblem, told } from "@cse/core"
import { Link } from "@tanstack/react-router"
import { KeyRound } from "lucide-react"
import { useEffect, useEffectEvent, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { assertPasskey, autofillWorks, PasskeyNotUsed, passkeysWork } from "@/app/webauthn"
import { Button } from "@/components/button"
import { EmailField } from "@/components/email-field"
import { PasswordField } from "@/components/password-field"
import { Notice } from "@/components/notice"
import { AlreadyIn, useWasIn } from "./already-in"
import { AuthCard } from "./auth-card"
import { useEnter } from "./enter"
import { askedFactor, type Factor, SecondFactor } from "./second-factor"
import { SocialSignIn } from "./social-sign-in"
import { useForm } from "@/app/use-form"

export default function LoginPage() {
  const { t } = useTranslation("auth")
  const wasIn = useWasIn()
  const [asked, setAsked] = useState<ReturnType<typeof askedFactor>>(null)
  const [who, setWho] = useState({ email: "", password: "" })
  const enter = useEnter()
  const send = async (factor: Factor | null): Promise<void> => {
    try {
      await enter(told(await api.POST("/api/auth/login", { body: { ...who, ...factor } })))
    } catch (refused) {
      const wants = refused instanceof ApiProblem ? askedFactor(refused) : null
      if (wants === null || asked !== null) throw refused
      setAsked(wants)
    }
  }
  if (wasIn) return <AlreadyIn />
  if (asked)
    return (
      <AuthCard title={t("factor.title")} lead={t("factor.lead")}>
        <SecondFactor asked={asked} send={send} onBack={() => setAsked(null)} />
      </AuthCard>
    )
  const foot = (
    <>
      <span>
        {t("login.new")}{" "}
        <Link to="/signup" search={(now) => now} className="text-brand underline">
          {t("login.signup")}
        </Link>
      </span>
      <Link to="/forgot-password" className="text-brand underline">
        {t("login.forgot")}
      </Link>
    </>
  )
  return (
    <AuthCard title={t("login.title")} foot={foot}>
      <PasswordForm who={who} onChange={setWho} send={() => send(null)} />
      <ByPasskey />
      <SocialSignIn />
    </AuthCard>
  )
}

interface PasswordProps {
  who: { email: string; password: string }
  onChange: (who: { email: string; password: string }) => void
  send: () => Promise<void>
}

function PasswordForm({ who, onChange, send }: PasswordProps) {
  const { t } = useTranslation("auth")
  const form = useForm(["email", "password"], send)
  return (
    <form onSubmit={form.submit} className="flex flex-col gap-4">
      {form.said && <Notice kind="down" title={form.said} />}
      <EmailField
        label={t("email")}
        error={form.error("email")}
        autoComplete="username webauthn"
        value={who.email}
        onChange={(email) => onChange({ ...who, email })}
      />
      <PasswordField
        label={t("password")}
        error={form.error("password")}
        autoComplete="current-password"
        value={who.password}
        onChange={(password) => onChange({ ...who, password })}
      />
      <Button type="submit" variant="primary" pending={form.pending}>
        {t("login.go")}
      </Button>
    </form>
  )
}

/** A button for those who look for one; the browser offers passkeys in the field by itself where it can. */
function ByPasskey() {
  const { t } = useTranslation("auth")
  const enter = useEnter()
  const logIn = async (quiet: AbortSignal | null): Promise<void> => {
    const { public_key } = told(await api.POST("/api/auth/passkeys/login/options"))
    const credential = await assertPasskey(public_key, quiet)
    await enter(told(await api.POST("/api/auth/passkeys/login", { body: { credential } })))
  }
  const offered = useRef<AbortController | null>(null)
  const byDialog = async (): Promise<void> => {
    // Browsers refuse a dialog while their offer in the field waits ("A request is already pending").
    offered.current?.abort()
    await logIn(null)
  }
  const form = useForm([], byDialog)
  const offer = useEffectEvent(async (quiet: AbortSignal): Promise<void> => {
    try {
      if (await autofillWorks()) await logIn(quiet)
    } catch (refused) {
      // An offer that is not taken, or that the exchange cannot make (503), is no error of the person's.
      if (!(refused instanceof PasskeyNotUsed) && !(refused instanceof ApiProblem)) throw refused
    }
  })
  useEffect(() => {
    const waiting = new AbortController()
    offered.current = waiting
    void offer(waiting.signal)
    return () => waiting.abort()
  }, [])
  if (!passkeysWork()) return null
  return (
    <div className="flex flex-col gap-3">
      {form.said && <Notice kind="down" title={form.said} />}
      <Button variant="secondary" pending={form.pending} onClick={() => void form.run(byDialog)}>
        <KeyRound size={16} strokeWidth={1.5} aria-hidden />
        {t("login.passkey")}
      </Button>
    </div>
  )
}
