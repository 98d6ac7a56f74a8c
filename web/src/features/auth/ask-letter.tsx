/** Asks for another letter; the answer is the same for every address. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { IS_SANDBOX } from "@/app/is-sandbox"
import { Button } from "@/components/button"
import { EmailField } from "@/components/email-field"
import { Notice } from "@/components/notice"
import { useForm } from "@/app/use-form"

interface Props {
  label: string
  send: (email: string) => Promise<unknown>
}

export function AskLetter({ label, send }: Props) {
  const { t } = useTranslation("auth")
  const [email, setEmail] = useState("")
  const [sent, setSent] = useState(false)
  const form = useForm(["email"], async () => {
    await send(email)
    setSent(true)
  })
  if (sent)
    return (
      <Notice kind="info" title={t("letter.title")}>
        <p>{t("letter.maybe", { email })}</p>
        {IS_SANDBOX && (
          <a href="/dev/mailbox" className="text-brand underline">
            {t("letter.mailbox")}
          </a>
        )}
      </Notice>
    )
  return (
    <form onSubmit={form.submit} className="flex flex-col gap-4">
      {form.said && <Notice kind="down" title={form.said} />}
      <EmailField
        label={t("email")}
        error={form.error("email")}
        autoComplete="email"
        value={email}
        onChange={setEmail}
      />
      <Button type="submit" variant="primary" pending={form.pending}>
        {label}
      </Button>
    </form>
  )
}
