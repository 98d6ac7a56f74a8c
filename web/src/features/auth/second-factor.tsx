/** The second step of logging in: a code, a passkey, or a recovery code, as the exchange says that this person has. */

import type { ApiProblem } from "@cse/core"
import { KeyRound } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { type Assertion, assertPasskey, passkeysWork } from "@/app/webauthn"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"
import { useForm } from "@/app/use-form"

/** Where a wrong code is told. */
const ABOUT = { wrong_second_factor: "code" }

export type Factor = { totp: string } | { recovery_code: string } | { passkey: Assertion }

interface Asked {
  kinds: readonly string[]
  options: object | null
}

/** What a refused log-in says about second factors; null: it was refused for something else. */
export function askedFactor(problem: ApiProblem): Asked | null {
  if (problem.code !== "second_factor_required" && problem.code !== "wrong_second_factor") return null
  const told = problem.extra.second_factor as { kinds?: unknown; passkey_options?: unknown } | undefined
  const kinds = Array.isArray(told?.kinds) ? told.kinds.map(String) : ["totp", "recovery_code"]
  const options = told?.passkey_options
  return { kinds, options: typeof options === "object" ? options : null }
}

interface Props {
  asked: Asked
  /** Sends the log-in again with this; throws ApiProblem. */
  send: (factor: Factor) => Promise<void>
  onBack: () => void
}

export function SecondFactor({ asked, send, onBack }: Props) {
  const { t } = useTranslation("auth")
  const [recovery, setRecovery] = useState(!asked.kinds.includes("totp") && !asked.kinds.includes("passkey"))
  const [typed, setTyped] = useState("")
  const byText = (): Promise<void> => send(recovery ? { recovery_code: typed } : { totp: typed.replace(/\s/g, "") })
  const form = useForm(["code"], byText, ABOUT)
  const { options } = asked
  const hasCode = asked.kinds.includes("totp") || recovery
  return (
    <form onSubmit={form.submit} className="flex flex-col gap-4">
      {form.said && <Notice kind="down" title={form.said} />}
      {asked.kinds.includes("passkey") && options !== null && passkeysWork() && (
        <Button
          variant={hasCode ? "secondary" : "primary"}
          pending={form.pending}
          onClick={() => void form.run(async () => send({ passkey: await assertPasskey(options) }))}
        >
          <KeyRound size={16} strokeWidth={1.5} aria-hidden />
          {t("factor.passkey")}
        </Button>
      )}
      {hasCode && <CodeFields recovery={recovery} value={typed} onChange={setTyped} pending={form.pending} error={form.error("code")} />}
      <div className="flex justify-between gap-3 text-13">
        <Button size="sm" variant="ghost" onClick={onBack}>
          {t("factor.back")}
        </Button>
        {asked.kinds.includes("recovery_code") && (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => {
              setRecovery(!recovery)
              setTyped("")
            }}
          >
            {t(recovery ? "factor.useCode" : "factor.useRecovery")}
          </Button>
        )}
      </div>
    </form>
  )
}

interface CodeProps {
  recovery: boolean
  value: string
  onChange: (value: string) => void
  pending: boolean
  error: string | undefined
}

function CodeFields(props: CodeProps) {
  const { t } = useTranslation("auth")
  const { recovery } = props
  return (
    <>
      <Field label={t(recovery ? "factor.recovery" : "factor.code")} hint={t(recovery ? "factor.recoveryHint" : "factor.codeHint")} error={props.error}>
        {(ids) => (
          <TextInput
            {...ids}
            name="code"
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the step's only field: whoever is asked for it begins to type
            autoFocus
            autoComplete="one-time-code"
            inputMode={recovery ? "text" : "numeric"}
            dir="ltr"
            required
            value={props.value}
            onChange={(event) => props.onChange(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" pending={props.pending}>
        {t("login.go")}
      </Button>
    </>
  )
}
