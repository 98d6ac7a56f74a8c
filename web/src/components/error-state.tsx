import { ApiProblem } from "@cse/core"
import { CircleAlert } from "lucide-react"
import { useTranslation } from "react-i18next"
import { problemText } from "@/app/problem-text"
import { Button } from "./button"
import { cx } from "./class-names"
import { CopyText } from "./copy-text"

export interface ErrorStateProps {
  problem: unknown
  onRetry?: (() => void) | undefined
  className?: string | undefined
}

/** Something could not be loaded: why, in words, the way to try again, and the id to quote for help. */
export function ErrorState({ problem, onRetry, className }: ErrorStateProps) {
  const { t } = useTranslation()
  const requestId = problem instanceof ApiProblem ? problem.requestId : null
  return (
    <div
      role="alert"
      className={cx("mx-auto flex max-w-sm flex-col items-center gap-2 px-4 py-10 text-center", className)}
    >
      <CircleAlert aria-hidden size={20} strokeWidth={1.5} className="text-down" />
      <p className="text-13">{problemText(t, problem)}</p>
      {onRetry && <Button onClick={onRetry}>{t("action.retry")}</Button>}
      {requestId !== null && (
        <p className="text-11 text-muted">
          {t("pageError.requestId")} <CopyText text={requestId} />
        </p>
      )}
    </div>
  )
}
