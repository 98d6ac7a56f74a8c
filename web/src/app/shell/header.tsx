import { Link } from "@tanstack/react-router"
import { Palette, Search } from "lucide-react"
import { useTranslation } from "react-i18next"
import { Badge } from "@/components/badge"
import { IconButton } from "@/components/icon-button"
import { LinkButton } from "@/components/link-button"
import { useSession, useSubAccounts } from "../data/person"
import { IS_SANDBOX } from "../is-sandbox"
import { openPanel } from "../panels"
import { useActing } from "../presence"
import { AccountMenu } from "./account-menu"
import { Mark } from "./brand"
import { ConnectionBadge } from "./connection-badge"
import { HeaderNav } from "./nav"
import { Notifications } from "./notifications"

/** The line above every page. */
export function Header() {
  const { t } = useTranslation("common")
  return (
    <header className="header sticky top-0 z-30 flex items-center gap-3 border-b border-line bg-canvas px-3 md:px-4">
      <Link to="/" aria-label={t("nav.home")} className="flex shrink-0 items-center gap-2">
        <Mark size={22} />
        <span className="wordmark max-sm:hidden md:max-lg:hidden">CS Exchange</span>
      </Link>
      <HeaderNav />
      {IS_SANDBOX && <Badge kind="warn">{t("app.sandbox")}</Badge>}
      <ActsOn />
      <div className="ms-auto flex items-center gap-1">
        <SearchBox />
        <ConnectionBadge />
        <Who />
      </div>
    </header>
  )
}

/** Finds pages, markets and actions; looks like a box, opens the palette. */
function SearchBox() {
  const { t } = useTranslation("common")
  return (
    <button
      type="button"
      onClick={() => openPanel("palette")}
      aria-label={t("palette.title")}
      aria-keyshortcuts="Control+K Meta+K"
      className="flex h-8 items-center gap-2 rounded-input text-12 text-muted hover:text-text max-md:w-9 max-md:justify-center md:me-1 md:w-44 md:border md:border-line-strong md:bg-surface md:px-2 md:hover:border-faint xl:w-64"
    >
      <Search aria-hidden size={15} strokeWidth={1.5} className="shrink-0" />
      <span className="flex-1 truncate text-start max-md:hidden">{t("palette.prompt")}</span>
      <kbd className="kbd max-xl:hidden">Ctrl K</kbd>
    </button>
  )
}

/** Whose account this is; for nobody the ways in. */
function Who() {
  const { t } = useTranslation("common")
  const { state } = useSession()
  if (state === "unknown") return <span className="w-8" />
  if (state === "person") {
    return (
      <>
        <Notifications />
        <AccountMenu />
      </>
    )
  }
  return (
    <>
      <IconButton
        label={t("menu.display")}
        icon={<Palette aria-hidden size={16} strokeWidth={1.5} />}
        size="sm"
        className="text-muted"
        onClick={() => openPanel("display")}
      />
      <LinkButton to="/login" variant="ghost" size="sm" className="max-sm:hidden">
        {t("nav.login")}
      </LinkButton>
      <LinkButton to="/signup" variant="primary" size="sm">
        {t("nav.signup")}
      </LinkButton>
    </>
  )
}

/** Says which sub-account everything is about, while it is not the first account. */
function ActsOn() {
  const acting = useActing((state) => state.accountId)
  const label = useSubAccounts().find((each) => each.account_id === acting)?.label
  if (acting === null) return null
  return <Badge kind="info">{label ?? `#${acting}`}</Badge>
}
