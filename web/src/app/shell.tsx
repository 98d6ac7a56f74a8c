import { Outlet, useLocation } from "@tanstack/react-router"
import { Direction } from "radix-ui"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { Toasts } from "@/components/toasts"
import { useBottomBar } from "./bottom-bar"
import { listenForHotkeys } from "./hotkeys"
import { usePreferences } from "./preferences"
import { Arrival } from "./shell/arrival"
import { Banner } from "./shell/banners"
import { Footer } from "./shell/footer"
import { Header } from "./shell/header"
import { BottomBar } from "./shell/nav"
import { ShellCommands } from "./shell/shell-commands"
import { StepUp } from "./step-up"

/** Pages that fill the window and scroll inside. */
const FULL = /^\/(trade|admin)(\/|$)/

/** What stands around every page: the ways between pages, how the connection is, and what anybody must know now. */
export function Shell() {
  const { t } = useTranslation("common")
  const { pathname } = useLocation()
  const ownBar = useBottomBar((state) => state.taken > 0)
  const direction = usePreferences((state) => (state.locale === "ar" ? "rtl" : "ltr"))
  useEffect(listenForHotkeys, [])
  useEffect(() => {
    document.documentElement.dataset.bar = ownBar ? "own" : "shell"
  }, [ownBar])
  return (
    <Direction.Provider dir={direction}>
      <a href="#content" className="skip-link">
        {t("app.skip")}
      </a>
      <div className="shell flex min-h-dvh flex-col">
        <Header />
        <Banner />
        <main id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
          <Outlet />
        </main>
        {!FULL.test(pathname) && <Footer />}
        {!ownBar && <BottomBar />}
      </div>
      <ShellCommands />
      <StepUp />
      <Arrival />
      <Toasts />
    </Direction.Provider>
  )
}
