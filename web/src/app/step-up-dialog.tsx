/** Asks who uses this session: by passkey, by a code, or, without second factors, by the password. */

import { ApiProblem, type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { KeyRound } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { PasswordInput } from "@/components/password-input"
import { Skeleton } from "@/components/skeleton"
import { TextInput } from "@/components/text-input"
import { api } from "./exchange"
import { problemText } from "./problem-text"
import { ownFactors } from "./step-up"
import { PasskeyNotUsed, passkeysWork, assertPasskey } from "./webauthn"

type Proof = components["schemas"]["StepUpRequest"]

interface Props {
  onDone: () => void
  onGivenUp: () => void
}

export default function StepUpDialog({ onDone, onGivenUp }: Props) {
  const { t } = useTranslation("step-up")
  const factors = useQuery({ queryKey: ["auth", "totp"], queryFn: ownFactors })
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const [pending, setPending] = useState(false)
  const prove = async (bring: () => Promise<Proof>): Promise<void> => {
    setPending(true)
    setProblem(null)
    try {
      const body = await bring()
      told(await api.POST("/api/auth/step-up", { body }))
      onDone()
    } catch (refused) {
      if (refused instanceof ApiProblem) setProblem(refused)
      else if (!(refused instanceof PasskeyNotUsed)) throw refused
    } finally {
      setPending(false)
    }
  }
  const found = factors.data
  const failed = problem ?? (factors.error instanceof ApiProblem ? factors.error : null)
  return (
    <Dialog open onOpenChange={(open) => !open && onGivenUp()} title={t("title")} description={t("why")}>
      <div className="flex flex-col gap-4">
        {failed && <Notice kind="down" title={problemText(t, failed)} />}
        {!found && !failed && <Skeleton w="100%" h="4rem" />}
        {found && <Ways found={found} pending={pending} onProve={(bring) => void prove(bring)} />}
      </div>
    </Dialog>
  )
}

interface WaysProps {
  found: Awaited<ReturnType<typeof ownFactors>>
  pending: boolean
  onProve: (bring: () => Promise<Proof>) => void
}

/** What this person can prove themselves with, the easiest first. */
function Ways({ found, pending, onProve }: WaysProps) {
  const { t } = useTranslation("step-up")
  const hasTotp = found.confirmed_at !== null
  const hasFactor = hasTotp || found.passkeys > 0
  const text = (kind: Kind) => <ByText kind={kind} pending={pending} onProve={(proof) => onProve(async () => proof)} />
  return (
    <>
      {found.passkeys > 0 && passkeysWork() && (
        <Button variant="primary" pending={pending} onClick={() => onProve(byPasskey)}>
          <KeyRound size={16} strokeWidth={1.5} aria-hidden />
          {t("passkey")}
        </Button>
      )}
      {hasTotp && text("totp")}
      {hasFactor && found.recovery_codes_left > 0 && (
        <details className="text-13">
          <summary className="cursor-pointer text-muted">{t("lost")}</summary>
          <div className="pt-3">{text("recovery_code")}</div>
        </details>
      )}
      {!hasFactor && text("password")}
    </>
  )
}

async function byPasskey(): Promise<Proof> {
  const { public_key } = told(await api.POST("/api/auth/passkeys/step-up/options"))
  return { passkey: await assertPasskey(public_key) }
}

type Kind = "totp" | "recovery_code" | "password"

function ByText({ kind, pending, onProve }: { kind: Kind; pending: boolean; onProve: (proof: Proof) => void }) {
  const { t } = useTranslation("step-up")
  const [typed, setTyped] = useState("")
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        onProve({ [kind]: kind === "totp" ? typed.replace(/\s/g, "") : typed })
      }}
    >
      <Field label={t(kind)}>
        {(ids) =>
          kind === "password" ? (
            <PasswordInput {...ids} autoComplete="current-password" value={typed} onChange={(event) => setTyped(event.target.value)} />
          ) : (
            <TextInput
              {...ids}
              autoComplete="one-time-code"
              inputMode={kind === "totp" ? "numeric" : "text"}
              dir="ltr"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )
        }
      </Field>
      <Button type="submit" variant="primary" pending={pending} disabled={typed === ""}>
        {t("go")}
      </Button>
    </form>
  )
}
