/** Stops one market or all with one press: no form, no second person. To open again takes two people. */

import { ApiProblem, told } from "@cse/core"
import { OctagonX, Scissors } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { ConfirmDialog } from "@/components/confirm-dialog"
import { toast } from "@/components/toasts"
import { HoldButton } from "./hold-button"
import { useAskAgain } from "./staff"

type Mode = "cancel_only" | "halt"
const MODES: readonly Mode[] = ["cancel_only", "halt"]

/** What the log says of a stop by this switch: there is no time for a story. */
const REASON = "kill_switch"

/** Two buttons, held for a moment each; without `market` they stop all markets. */
export function KillSwitch({ market }: { market?: string }) {
  const { t } = useTranslation("admin")
  const [pending, setPending] = useState(false)
  const [asked, setAsked] = useState<Mode | null>(null)
  const askAgain = useAskAgain()
  const stop = async (mode: Mode): Promise<void> => {
    setPending(true)
    try {
      const body = { mode, reason: REASON, ...(market === undefined ? {} : { market }) }
      const { markets } = told(await api.POST("/api/admin/kill-switch", { body }))
      toast("warn", t(`kill.done.${mode}`, { count: markets.length }), t("kill.resume"))
    } catch (refused) {
      if (!(refused instanceof ApiProblem)) throw refused
      toast("down", t("kill.failed"), problemText(t, refused))
    } finally {
      setPending(false)
      askAgain()
    }
  }
  const scope = market ?? t("kill.allMarkets")
  return (
    <div className="flex flex-wrap gap-2">
      {MODES.map((mode) => (
        <HoldButton
          key={mode}
          hint={t("kill.hold")}
          disabled={pending}
          onHeld={() => void stop(mode)}
          onPlainClick={() => setAsked(mode)}
        >
          {mode === "halt" ? <OctagonX size={16} strokeWidth={1.5} aria-hidden /> : <Scissors size={16} strokeWidth={1.5} aria-hidden />}
          {t(`kill.${mode}`, { scope })}
        </HoldButton>
      ))}
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={(open) => !open && setAsked(null)}
        title={t(`kill.${asked ?? "halt"}`, { scope })}
        description={t(`kill.means.${asked ?? "halt"}`)}
        confirmLabel={t(`kill.${asked ?? "halt"}`, { scope })}
        danger
        onConfirm={() => {
          if (asked) void stop(asked)
          setAsked(null)
        }}
      />
    </div>
  )
}
