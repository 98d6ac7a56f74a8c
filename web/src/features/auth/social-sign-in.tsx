/** Signing in through X, Discord or YouTube, as far as this exchange has set them up. */

import { useTranslation } from "react-i18next"
import { goTo, PROVIDER_NAMES, useProviders } from "@/app/providers"
import { Button } from "@/components/button"
import { Notice } from "@/components/notice"
import { useForm } from "@/app/use-form"

export function SocialSignIn() {
  const { t } = useTranslation("auth")
  const providers = useProviders()
  const form = useForm([], async () => undefined)
  if (providers.length === 0) return null
  return (
    <div className="flex flex-col gap-3">
      {form.said && <Notice kind="down" title={form.said} />}
      {providers.map((provider) => (
        <Button key={provider} variant="secondary" pending={form.pending} onClick={() => void form.run(() => goTo(provider, "sign_in"))}>
          {t("social.with", { provider: PROVIDER_NAMES[provider] })}
        </Button>
      ))}
    </div>
  )
}
