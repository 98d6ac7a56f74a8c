import { Bell } from "lucide-react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { NoticeIcon } from "@/components/notice"
import { Popover } from "@/components/popover"
import { Time } from "@/components/time"
import { markSeen, usePastToasts } from "@/components/toasts"

/** What happened since the page opened: every toast, also those that are gone. */
export function Notifications() {
  const { t } = useTranslation("common")
  const { past, unseen } = usePastToasts()
  return (
    <Popover
      label={t("notifications.title")}
      className="max-h-[70dvh] overflow-y-auto p-0"
      onOpenChange={(open) => open && markSeen()}
      trigger={
        <button
          type="button"
          aria-label={t("notifications.open", { count: unseen })}
          className="relative grid size-8 place-items-center rounded-input text-muted hover:bg-raised hover:text-text"
        >
          <Bell aria-hidden size={16} strokeWidth={1.5} />
          {unseen > 0 && <span className="absolute end-1.5 top-1.5 size-1.5 rounded-full bg-brand" />}
        </button>
      }
    >
      <p className="border-b border-line px-4 py-2 text-12 font-medium">{t("notifications.title")}</p>
      {past.length === 0 && <EmptyState title={t("notifications.empty")} body={t("notifications.emptyBody")} />}
      <ul>
        {past.toReversed().map((entry) => (
          <li key={entry.id} className="flex gap-3 border-b border-line px-4 py-2.5 last:border-0">
            <NoticeIcon kind={entry.kind} />
            <div className="min-w-0 flex-1">
              <p className="font-medium">{entry.title}</p>
              {entry.body !== undefined && <p className="text-12 text-muted">{entry.body}</p>}
              <Time at={entry.at} form="relative" className="text-11 text-muted" />
            </div>
          </li>
        ))}
      </ul>
    </Popover>
  )
}
