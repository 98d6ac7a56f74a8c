import { Link } from "@tanstack/react-router"
import { CandlestickChart, CircleUserRound, Store, Wallet } from "lucide-react"
import { useTranslation } from "react-i18next"
import { useSession } from "../data/person"

const HEADER = [
  { to: "/markets", key: "nav.markets" },
  { to: "/trade", key: "nav.trade" },
  { to: "/portfolio", key: "nav.portfolio" },
  { to: "/creators", key: "nav.creators" },
] as const

/** The ways between pages, on wide screens; the current one is underlined by the header's hairline. */
export function HeaderNav() {
  const { t } = useTranslation("common")
  return (
    <nav aria-label={t("nav.main")} className="flex h-full gap-1 text-13 max-md:hidden">
      {HEADER.map(({ to, key }) => (
        <Link
          key={to}
          to={to}
          className="-mb-px flex h-full items-center border-b-2 border-transparent px-2 pt-0.5 text-muted transition-colors duration-120 hover:text-text aria-[current=page]:border-text aria-[current=page]:text-text"
        >
          {t(key)}
        </Link>
      ))}
    </nav>
  )
}

const BAR = [
  { to: "/markets", key: "nav.markets", Icon: Store },
  { to: "/trade", key: "nav.trade", Icon: CandlestickChart },
  { to: "/portfolio", key: "nav.portfolio", Icon: Wallet },
] as const

const TAB =
  "flex h-full flex-1 flex-col items-center justify-center gap-0.5 text-11 text-muted -outline-offset-2 aria-[current=page]:text-text aria-[current=page]:shadow-[inset_0_2px_0_var(--text)]"

/** The same at the bottom of a phone. */
export function BottomBar() {
  const { t } = useTranslation("common")
  const { isPerson } = useSession()
  return (
    <nav
      aria-label={t("nav.main")}
      className="bottom-bar fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-canvas md:hidden"
    >
      {BAR.map(({ to, key, Icon }) => (
        <Link key={to} to={to} className={TAB}>
          <Icon aria-hidden size={18} strokeWidth={1.5} />
          {t(key)}
        </Link>
      ))}
      <Link to={isPerson ? "/account" : "/login"} className={TAB}>
        <CircleUserRound aria-hidden size={18} strokeWidth={1.5} />
        {t(isPerson ? "nav.account" : "nav.login")}
      </Link>
    </nav>
  )
}
