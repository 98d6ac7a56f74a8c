/** Every act of staff: what it does in words, a reason for the log, then what became of it. */

import { ApiProblem } from "@cse/core"
import { type ReactNode, useState } from "react"
import { useTranslation } from "react-i18next"
import { problemText } from "@/app/problem-text"
import { StepUpGivenUp, withStepUp } from "@/app/step-up"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"
import { toast } from "@/components/toasts"
import { type Approval, useAskAgain } from "./staff"

/** As the exchange wants reasons: a code that programs can count. */
export const REASON = /^[a-z][a-z0-9_]{2,63}$/

export interface Act {
  title: string
  description: string
  confirm: string
  danger?: boolean
  /** What the reason is likely to be; the person may write another one. */
  reasons: readonly string[]
  /** Does it; answers the proposal if it takes a second person. */
  run: (reason: string) => Promise<{ approval?: Approval | null } | unknown>
  /** The exchange asks for no reason. */
  withoutReason?: boolean
  /** More fields, above the reason. */
  fields?: ReactNode
  /** Why it cannot be sent yet; null: it can. */
  missing?: string | null
}

interface Props {
  act: Act | null
  onClose: () => void
}

/** Shows the act that is asked for, if any. */
export function ActDialog({ act, onClose }: Props) {
  return act ? <Asked key={act.title} act={act} onClose={onClose} /> : null
}

function Asked({ act, onClose }: { act: Act; onClose: () => void }) {
  const { t } = useTranslation("admin")
  const [reason, setReason] = useState("")
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const askAgain = useAskAgain()
  const send = async (): Promise<void> => {
    setPending(true)
    setProblem(null)
    try {
      const proposal = approvalOf(await withStepUp(() => act.run(reason)))
      if (proposal && proposal.status === "pending") toast("info", t("act.proposed"), t("act.proposedBody", { id: proposal.id }))
      else toast("up", t("act.done"), act.title)
      onClose()
    } catch (refused) {
      if (refused instanceof StepUpGivenUp) return
      if (!(refused instanceof ApiProblem)) throw refused
      setProblem(refused)
    } finally {
      setPending(false)
      askAgain()
    }
  }
  const footer = (
    <>
      <Button variant="secondary" onClick={onClose}>
        {t("act.cancel")}
      </Button>
      <Button
        variant={act.danger ? "danger" : "primary"}
        pending={pending}
        disabled={(!act.withoutReason && !REASON.test(reason)) || Boolean(act.missing)}
        title={act.missing ?? undefined}
        onClick={() => void send()}
      >
        {act.confirm}
      </Button>
    </>
  )
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={act.title} description={act.description} footer={footer}>
      <div className="flex flex-col gap-4">
        {act.fields}
        {!act.withoutReason && <ReasonField value={reason} onChange={setReason} reasons={act.reasons} />}
        {problem && (
          <Notice kind="down" title={problemText(t, problem)}>
            {Object.entries(problem.fields).map(([field, said]) => (
              <p key={field}>
                {field}: {said}
              </p>
            ))}
          </Notice>
        )}
      </div>
    </Dialog>
  )
}

function ReasonField(props: { value: string; onChange: (value: string) => void; reasons: readonly string[] }) {
  const { t } = useTranslation("admin")
  const wrong = props.value !== "" && !REASON.test(props.value)
  return (
    <>
      <Field label={t("act.reason")} hint={t("act.reasonHint")} {...(wrong ? { error: t("act.reasonWrong") } : {})}>
        {(ids) => (
          <TextInput
            {...ids}
            autoComplete="off"
            value={props.value}
            onChange={(event) => props.onChange(event.target.value)}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-1">
        {props.reasons.map((each) => (
          <Button key={each} size="sm" variant="ghost" onClick={() => props.onChange(each)}>
            <span className="font-mono">{each}</span>
          </Button>
        ))}
      </div>
    </>
  )
}

function approvalOf(answer: unknown): Approval | null {
  if (typeof answer !== "object" || answer === null || !("approval" in answer)) return null
  return (answer.approval as Approval | null) ?? null
}
