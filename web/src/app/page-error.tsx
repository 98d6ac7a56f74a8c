import { ApiProblem } from "@cse/core"
import type { ErrorComponentProps } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { CopyText } from "@/components/copy-text"
import { usePageTitle } from "./page-title"
import { problemText } from "./problem-text"

/** A part of the app's program that is not there any more: another version is served now. */
const STALE = /dynamically imported module|module script|Failed to fetch/

/** A page that could not be shown: what happened, and the way to try again. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation("common")
  usePageTitle(t("pageError.title"))
  const stale = !(error instanceof ApiProblem) && STALE.test(String(error))
  const requestId = error instanceof ApiProblem ? error.requestId : null
  return (
    <section role="alert" className="mx-auto flex w-full max-w-md flex-col items-start gap-3 px-6 py-24">
      <h1 className="font-display text-28">{t(stale ? "pageError.staleTitle" : "pageError.title")}</h1>
      <p className="text-muted">{stale ? t("pageError.stale") : problemText(t, error)}</p>
      {requestId !== null && (
        <p className="text-12 text-muted">
          {t("pageError.requestId")} <CopyText text={requestId} />
        </p>
      )}
      <Button variant="primary" className="mt-3" onClick={() => (stale ? location.reload() : reset())}>
        {t(stale ? "pageError.reload" : "pageError.again")}
      </Button>
    </section>
  )
}
