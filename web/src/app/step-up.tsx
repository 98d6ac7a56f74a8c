/**
 * What changes who can get in wants to know anew who is here (docs/reference/authentication.md, Step-up). A call that
 * is refused for that asks for the proof and is made again.
 */

import { ApiProblem, told } from "@cse/core"
import i18next from "i18next"
import { lazy, Suspense } from "react"
import { create } from "zustand"
import { toast } from "@/components/toasts"
import { api } from "./exchange"

/** The person did not want to prove themselves: the call was not made, which is no error, and they were told so. */
export class StepUpGivenUp extends Error {
  override readonly name = "StepUpGivenUp"
}

interface Asked {
  done: () => void
  givenUp: () => void
}

const useAsked = create<{ asked: Asked | null }>(() => ({ asked: null }))

/** Makes a call; where the exchange wants a proof first, asks for it and makes the call again. */
export async function withStepUp<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (problem) {
    if (!(problem instanceof ApiProblem) || problem.code !== "step_up_required") throw problem
  }
  await proof()
  return await call()
}

let proving: Promise<void> | null = null

/** Asks for a proof; calls that wait at the same time share one. */
function proof(): Promise<void> {
  proving ??= new Promise<void>((resolve, reject) => {
    useAsked.setState({ asked: { done: resolve, givenUp: () => reject(givenUp()) } })
  }).finally(() => {
    proving = null
    useAsked.setState({ asked: null })
  })
  return proving
}

function givenUp(): StepUpGivenUp {
  toast("info", i18next.t("common:stepUp.givenUp"))
  return new StepUpGivenUp("nothing was changed")
}

/** What the person has to prove themselves with. */
export async function ownFactors() {
  return told(await api.GET("/api/auth/totp"))
}

const StepUpDialog = lazy(() => import("./step-up-dialog"))

/** The dialog, where one is asked for; stands once in the shell. */
export function StepUp() {
  const asked = useAsked((state) => state.asked)
  if (!asked) return null
  return (
    <Suspense fallback={null}>
      <StepUpDialog onDone={asked.done} onGivenUp={asked.givenUp} />
    </Suspense>
  )
}
