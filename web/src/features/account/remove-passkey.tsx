/** Removing a passkey; the last second factor takes the password, and its recovery codes go with it. */

import { ApiProblem } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { PasswordField } from "@/components/password-field"
import { Notice } from "@/components/notice"
import type { Passkey } from "./passkeys"

export function RemovePasskey({ passkey, onRemoved }: { passkey: Passkey; onRemoved: () => void }) {
  const { t } = useTranslation("account")
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" variant="secondary" aria-label={t("passkeys.removeOne", { label: passkey.label })} onClick={() => setOpen(true)}>
        {t("remove")}
      </Button>
      {open && <Removing passkey={passkey} onClose={() => setOpen(false)} onRemoved={onRemoved} />}
    </>
  )
}

function Removing({ passkey, onClose, onRemoved }: { passkey: Passkey; onClose: () => void; onRemoved: () => void }) {
  const { t } = useTranslation("account")
  const [isLast, setIsLast] = useState(false)
  const [password, setPassword] = useState("")
  const params = { path: { passkey_id: passkey.id } }
  const form = useForm(["password"], async () => {
    try {
      await withStepUp(() =>
        isLast
          ? api.POST("/api/auth/passkeys/{passkey_id}/remove", { params, body: { password } })
          : api.DELETE("/api/auth/passkeys/{passkey_id}", { params }),
      )
    } catch (refused) {
      if (!(refused instanceof ApiProblem) || refused.code !== "last_factor" || isLast) throw refused
      return setIsLast(true)
    }
    onRemoved()
    onClose()
  })
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("passkeys.removeOne", { label: passkey.label })}
      description={t(isLast ? "passkeys.lastMeans" : "passkeys.removeMeans")}
    >
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && <Notice kind="down" title={form.said} />}
        {isLast && (
          <PasswordField
            label={t("password.old_password")}
            error={form.error("password")}
            autoComplete="current-password"
            value={password}
            onChange={setPassword}
          />
        )}
        <Button type="submit" variant="danger" pending={form.pending}>
          {t("remove")}
        </Button>
      </form>
    </Dialog>
  )
}
