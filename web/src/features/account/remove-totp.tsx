/** Removing the authenticator: with the password and a code, so that a stolen session is not enough. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { Field } from "@/components/field"
import { PasswordField } from "@/components/password-field"
import { Notice } from "@/components/notice"
import { TextInput } from "@/components/text-input"

export function RemoveTotp({ onRemoved }: { onRemoved: () => void }) {
  const { t } = useTranslation("account")
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" variant="ghost" onClick={() => setOpen(true)}>
        {t("totp.remove")}
      </Button>
      {open && <Removing onClose={() => setOpen(false)} onRemoved={onRemoved} />}
    </>
  )
}

/** A recovery code is longer than the six digits of an authenticator. */
const isTotp = (code: string): boolean => /^\d{6}$/.test(code)

function Removing({ onClose, onRemoved }: { onClose: () => void; onRemoved: () => void }) {
  const { t } = useTranslation("account")
  const [password, setPassword] = useState("")
  const [code, setCode] = useState("")
  const form = useForm(["password"], async () => {
    const plain = code.replace(/\s/g, "")
    const body = { password, ...(isTotp(plain) ? { totp: plain } : { recovery_code: code }) }
    await api.POST("/api/auth/totp/disable", { body })
    onRemoved()
    onClose()
  })
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("totp.removeTitle")} description={t("totp.removeMeans")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && <Notice kind="down" title={form.said} />}
        <PasswordField
          label={t("password.old_password")}
          error={form.error("password")}
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
        />
        <Field label={t("totp.codeOrRecovery")}>
          {(ids) => (
            <TextInput {...ids} dir="ltr" autoComplete="one-time-code" required value={code} onChange={(event) => setCode(event.target.value)} />
          )}
        </Field>
        <Button type="submit" variant="danger" pending={form.pending}>
          {t("totp.remove")}
        </Button>
      </form>
    </Dialog>
  )
}
