/** Ten recovery codes, shown once: the person says that they kept them before they go. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { Checkbox } from "@/components/checkbox"
import { CopyButton } from "@/components/copy-button"
import { Dialog } from "@/components/dialog"

export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation("account")
  const [kept, setKept] = useState(false)
  const [hurried, setHurried] = useState(false)
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([`${codes.join("\n")}\n`], { type: "text/plain" }))
    const link = document.createElement("a")
    link.href = url
    link.download = "cs-exchange-recovery-codes.txt"
    link.click()
    URL.revokeObjectURL(url)
  }
  const footer = (
    <Button variant="primary" disabled={!kept} onClick={onClose}>
      {t("codes.done")}
    </Button>
  )
  return (
    <Dialog open dismissable={false} onOpenChange={(open) => !open && (kept ? onClose() : setHurried(true))} title={t("codes.title")} description={t("codes.about")} footer={footer}>
      <div className="flex flex-col gap-4">
        <ul dir="ltr" className="grid grid-cols-2 gap-2 font-mono text-13">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="flex items-center gap-3">
          <CopyButton text={codes.join("\n")} label={t("codes.copy")} />
          <Button size="sm" variant="secondary" onClick={save}>
            {t("codes.save")}
          </Button>
        </div>
        <div className="flex flex-col gap-1">
          <Checkbox checked={kept} onChange={setKept} label={t("codes.kept")} />
          <p aria-live="polite" className="min-h-4 text-12 text-danger">
            {hurried && !kept ? t("codes.first") : null}
          </p>
        </div>
      </div>
    </Dialog>
  )
}
