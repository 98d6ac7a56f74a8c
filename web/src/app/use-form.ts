/** A form that is sent to the API: pending, refused with words at the fields, or done. */

import { ApiProblem } from "@cse/core"
import { type FormEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { problemText } from "./problem-text"
import { StepUpGivenUp } from "./step-up"
import { PasskeyNotUsed } from "./webauthn"

export interface FormState {
  pending: boolean
  /** What went wrong in words, when it is about no single field. */
  said: string | null
  problem: ApiProblem | null
  /** What is wrong with a field, by its name in the API. */
  error: (field: string) => string | undefined
  submit: (event: FormEvent<HTMLFormElement>) => void
  /** Does the same without a form's event, for a button of its own. */
  run: (send: () => Promise<void>) => Promise<void>
}

/**
 * `fields` are those that the form shows: what is wrong with others is told above the form. `byCode` names the field that
 * a problem is about by its code, where the exchange names none.
 */
export function useForm(fields: readonly string[], send: () => Promise<void>, byCode: Readonly<Record<string, string>> = {}): FormState {
  const { t } = useTranslation("common")
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const run = async (work: () => Promise<void>, shown: HTMLFormElement | null = null): Promise<void> => {
    setPending(true)
    setProblem(null)
    try {
      await work()
    } catch (refused) {
      if (refused instanceof ApiProblem) {
        setProblem(refused)
        toFirstError(shown, fields, errorsOf(refused))
      } else if (!(refused instanceof PasskeyNotUsed) && !(refused instanceof StepUpGivenUp)) throw refused
    } finally {
      setPending(false)
    }
  }
  const errorsOf = (refused: ApiProblem | null): Readonly<Record<string, string>> => {
    const about = refused ? byCode[refused.code] : undefined
    return refused && about !== undefined ? { [about]: problemText(t, refused), ...refused.fields } : (refused?.fields ?? {})
  }
  const errors = errorsOf(problem)
  const known = fields.filter((name) => errors[name] !== undefined)
  return {
    pending,
    problem,
    said: problem !== null && known.length === 0 ? problemText(t, problem) : null,
    error: (field) => errors[field],
    submit: (event) => {
      event.preventDefault()
      void run(send, event.currentTarget)
    },
    run,
  }
}

function toFirstError(form: HTMLFormElement | null, fields: readonly string[], errors: Readonly<Record<string, string>>): void {
  const first = fields.find((name) => errors[name] !== undefined)
  if (first) form?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus()
}
