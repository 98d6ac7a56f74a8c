import { useEffect } from "react"
import { useTranslation } from "react-i18next"

/** Names the page in the tab, the history and for screen readers; null while the name is not known. */
export function usePageTitle(title: string | null): void {
  const { t } = useTranslation("common")
  const app = t("app.name")
  useEffect(() => {
    if (title !== null) document.title = title === app ? app : `${title} · ${app}`
  }, [title, app])
}
