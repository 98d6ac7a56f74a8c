import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useInstall } from "../install"
import { openPanel } from "../panels"
import { Mark } from "./brand"

const LINK = "hover:text-text hover:underline underline-offset-4"

/** Below pages that are read; terminals have none. */
export function Footer() {
  const { t } = useTranslation("common")
  const install = useInstall()
  return (
    <footer className="border-t border-line px-4 py-6 text-12 text-muted">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 gap-y-3">
        <span className="flex items-center gap-2 text-text">
          <Mark size={18} />
          <span className="wordmark text-13!">CS Exchange</span>
        </span>
        <nav aria-label={t("footer.label")} className="flex flex-wrap gap-x-5 gap-y-2">
          <Link to="/status" className={LINK}>
            {t("nav.status")}
          </Link>
          <a href="/docs" className={LINK}>
            {t("footer.docs")}
          </a>
          <a href="/api/docs" className={LINK}>
            {t("footer.api")}
          </a>
          <a href="/api/asyncapi.json" className={LINK}>
            {t("footer.streams")}
          </a>
          <a href="/licences.txt" className={LINK}>
            {t("footer.licences")}
          </a>
          {install && (
            <button type="button" className={LINK} onClick={install}>
              {t("menu.install")}
            </button>
          )}
          <button type="button" className={LINK} onClick={() => openPanel("display")}>
            {t("menu.display")}
          </button>
        </nav>
        <p className="ms-auto">{t("footer.openSource")}</p>
      </div>
    </footer>
  )
}
