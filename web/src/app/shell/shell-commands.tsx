import { useNavigate } from "@tanstack/react-router"
import { lazy, Suspense } from "react"
import { useTranslation } from "react-i18next"
import { LOCALE_NAMES } from "@/i18n/names"
import { type Command, useCommands } from "../commands"
import { useProfile, useSession } from "../data/person"
import { useHotkey } from "../hotkeys"
import { useInstall } from "../install"
import { openPanel, usePanel } from "../panels"
import { LOCALES, usePreferences } from "../preferences"
import { logOut } from "../presence"

const Palette = lazy(() => import("./palette"))
const DisplayDialog = lazy(() => import("./display-dialog"))
const KeysDialog = lazy(() => import("./keys-dialog"))

const EVERYBODY = [
  { to: "/", key: "nav.home", keys: "g h" },
  { to: "/markets", key: "nav.markets", keys: "g m" },
  { to: "/trade", key: "nav.trade", keys: "g t" },
  { to: "/creators", key: "nav.creators", keys: "g c" },
  { to: "/status", key: "nav.status", keys: null },
] as const
const PERSON = [
  { to: "/portfolio", key: "nav.portfolio", keys: "g p" },
  { to: "/wallet", key: "nav.wallet", keys: "g w" },
  { to: "/account", key: "nav.account", keys: "g a" },
] as const

/** What the shell itself can do: keys, commands, and the dialogs that they open. */
export function ShellCommands() {
  const navigate = useNavigate()
  const panel = usePanel((state) => state.open)
  useShellKeys()
  useCommands([...usePages(), ...useActions()])
  return (
    <>
      <Suspense>
        {panel === "display" && <DisplayDialog />}
        {panel === "keys" && <KeysDialog />}
        {panel === "palette" && (
          <Palette onMarket={(market) => void navigate({ to: "/trade/$market", params: { market } })} />
        )}
      </Suspense>
    </>
  )
}

function usePages(): readonly Command[] {
  const { t } = useTranslation("common")
  const navigate = useNavigate()
  const { isPerson } = useSession()
  const isStaff = (useProfile()?.roles.length ?? 0) > 0
  const group = t("palette.pages")
  const pages: { to: string; label: string; keys?: string | undefined }[] = [
    ...EVERYBODY.map(({ to, key, keys }) => ({ to, label: t(key), keys: keys ?? undefined })),
    ...(isPerson ? PERSON.map(({ to, key, keys }) => ({ to, label: t(key), keys })) : []),
    ...(isStaff ? [{ to: "/admin", label: t("nav.admin") }] : []),
    ...(isPerson ? [] : [{ to: "/login", label: t("nav.login") }, { to: "/signup", label: t("nav.signup") }]),
  ]
  return pages.map(({ to, label, keys }) => ({ id: `page ${to}`, label, keys, group, run: () => void navigate({ to }) }))
}

function useActions(): readonly Command[] {
  const { t } = useTranslation("common")
  const { set } = usePreferences()
  const { isPerson } = useSession()
  const install = useInstall()
  const themes = (["light", "dark", "system"] as const).map(
    (theme): Command => ({
      id: `theme ${theme}`,
      label: t(`palette.theme.${theme}`),
      group: t("display.title"),
      run: () => set({ theme }),
    }),
  )
  const languages = LOCALES.map(
    (locale): Command => ({
      id: `language ${locale}`,
      label: LOCALE_NAMES[locale],
      keywords: [t("display.language"), "language", locale],
      group: t("display.language"),
      run: () => set({ locale }),
    }),
  )
  return [
    { id: "keys", label: t("menu.keys"), keys: "?", run: () => openPanel("keys") },
    { id: "docs", label: t("footer.docs"), run: () => location.assign("/docs") },
    { id: "display", label: t("menu.display"), run: () => openPanel("display") },
    ...(install ? [{ id: "install", label: t("menu.install"), run: install }] : []),
    ...(isPerson ? [{ id: "logout", label: t("menu.logout"), run: () => void logOut() }] : []),
    ...themes,
    ...languages,
  ]
}

const app = (id: string, labelKey: string) => ({ id, labelKey, group: "app" })
const go = (id: string, labelKey: string) => ({ id, labelKey, group: "go" })

function useShellKeys(): void {
  const navigate = useNavigate()
  const { isPerson } = useSession()
  useHotkey("Mod+k", () => openPanel(usePanel.getState().open === "palette" ? null : "palette"), app("palette", "palette.title"))
  useHotkey("/", () => openPanel("palette"), app("palette-slash", "palette.title"))
  useHotkey("?", () => openPanel("keys"), app("keys", "menu.keys"))
  useHotkey("g h", () => void navigate({ to: "/" }), go("go-home", "nav.home"))
  useHotkey("g m", () => void navigate({ to: "/markets" }), go("go-markets", "nav.markets"))
  useHotkey("g t", () => void navigate({ to: "/trade" }), go("go-trade", "nav.trade"))
  useHotkey("g c", () => void navigate({ to: "/creators" }), go("go-creators", "nav.creators"))
  useHotkey(isPerson ? "g p" : null, () => void navigate({ to: "/portfolio" }), go("go-portfolio", "nav.portfolio"))
  useHotkey(isPerson ? "g w" : null, () => void navigate({ to: "/wallet" }), go("go-wallet", "nav.wallet"))
  useHotkey(isPerson ? "g a" : null, () => void navigate({ to: "/account" }), go("go-account", "nav.account"))
}
