/** Changing the password: all other sessions end. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { PasswordField } from "@/components/password-field"
import { Notice } from "@/components/notice"
import { toast } from "@/components/toasts"
import { Part } from "./part"

/** A wrong proof is a wrong password of now. */
const ABOUT = { wrong_proof: "old_password" }
const EMPTY = { old_password: "", new_password: "" }

export function PasswordPart() {
  const { t } = useTranslation("account")
  const [typed, setTyped] = useState(EMPTY)
  const form = useForm(["old_password", "new_password"], async () => {
    await withStepUp(() => api.POST("/api/auth/password", { body: typed }))
    setTyped(EMPTY)
    toast("up", t("password.changed"), t("password.changedBody"))
  }, ABOUT)
  const fields = [
    { name: "old_password", autoComplete: "current-password" },
    { name: "new_password", autoComplete: "new-password" },
  ] as const
  return (
    <Part title={t("password.title")} about={t("password.about")}>
      <form onSubmit={form.submit} className="flex max-w-sm flex-col gap-4">
        {form.said && <Notice kind="down" title={form.said} />}
        {fields.map(({ name, autoComplete }) => (
          <PasswordField
            key={name}
            name={name}
            label={t(`password.${name}`)}
            error={form.error(name)}
            autoComplete={autoComplete}
            value={typed[name]}
            onChange={(password) => setTyped({ ...typed, [name]: password })}
          />
        ))}
        <div>
          <Button type="submit" variant="secondary" pending={form.pending}>
            {t("password.go")}
          </Button>
        </div>
      </form>
    </Part>
  )
}
