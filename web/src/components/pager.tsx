import { useTranslation } from "react-i18next"
import { Button } from "./button"

export interface PagerProps {
  hasMore: boolean
  pending?: boolean | undefined
  onMore: () => void
  /** How many are in sight. */
  shown?: number | undefined
}

/** The way on in a list with a cursor: "Load more", or that this was all. */
export function Pager({ hasMore, pending = false, onMore, shown }: PagerProps) {
  const { t } = useTranslation()
  if (!hasMore && (shown ?? 0) === 0) return null
  return (
    <div className="flex items-center justify-center gap-3 border-t border-line px-4 py-3 text-12 text-muted">
      {shown !== undefined && <span>{t("pager.shown", { count: shown })}</span>}
      {hasMore ? (
        <Button size="sm" pending={pending} onClick={onMore}>
          {t("pager.more")}
        </Button>
      ) : (
        <span>{t("pager.end")}</span>
      )}
    </div>
  )
}
