/** A key that was just made: its id, its secret once, and three ways to use it now. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { CopyButton } from "@/components/copy-button"
import { CopyText } from "@/components/copy-text"
import { Notice } from "@/components/notice"
import { Tabs } from "@/components/tabs"
import { type Example, exampleOf, EXAMPLES } from "./key-examples"
import type { MadeKey } from "./make-key"

/** Over as many lines as it takes: whoever copies by hand needs all of it. */
const WHOLE = "[&>bdi]:whitespace-normal [&>bdi]:wrap-anywhere"

export function NewKey({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  const { t } = useTranslation("account")
  const [shown, setShown] = useState<Example>("curl")
  const { secret } = made
  const text = exampleOf(secret === null ? "ed25519" : shown, window.location.origin, made.key.id)
  return (
    <Notice kind="up" title={t(made.key.old_until === null ? "keys.made" : "keys.rotated", { name: made.key.name })}>
      <div className="flex flex-col gap-4 pt-2">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-2">
          <dt className="text-muted">{t("keys.id")}</dt>
          <dd>
            <CopyText text={made.key.id} label={t("keys.copyId")} className={WHOLE} />
          </dd>
          {secret !== null && (
            <>
              <dt className="text-muted">{t("keys.secret")}</dt>
              <dd className="wrap-anywhere">
                <CopyText text={secret} label={t("keys.copySecret")} className={WHOLE} />
              </dd>
            </>
          )}
        </dl>
        {secret !== null && <p>{t("keys.once")}</p>}
        <div className="flex flex-col gap-2">
          {secret !== null && (
            <Tabs
              label={t("keys.try")}
              value={shown}
              onChange={(value) => setShown(value)}
              items={EXAMPLES.map((value) => ({ value, label: t(`keys.example.${value}`) }))}
            />
          )}
          <pre dir="ltr" className="whitespace-pre-wrap wrap-anywhere rounded-input bg-raised p-3 font-mono text-12">
            {text}
          </pre>
          <CopyButton text={text} label={t("keys.copyExample")} />
        </div>
        <div>
          <Button variant="secondary" size="sm" onClick={onClose}>
            {t("keys.kept")}
          </Button>
        </div>
      </div>
    </Notice>
  )
}
