/** Another public key for a key that signs with Ed25519; the one before stays good for a while. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { Notice } from "@/components/notice"
import { PublicKeyField } from "./public-key-field"

export function RotatePair({ keyId, onRotated }: { keyId: string; onRotated: () => void }) {
  const { t } = useTranslation("account")
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" variant="secondary" onClick={() => setOpen(true)}>
        {t("keys.rotatePair")}
      </Button>
      {open && <Rotating keyId={keyId} onClose={() => setOpen(false)} onRotated={onRotated} />}
    </>
  )
}

function Rotating({ keyId, onClose, onRotated }: { keyId: string; onClose: () => void; onRotated: () => void }) {
  const { t } = useTranslation("account")
  const [publicKey, setPublicKey] = useState("")
  const form = useForm(["public_key"], async () => {
    const call = { params: { path: { key_id: keyId } }, body: { public_key: publicKey.trim() } }
    await withStepUp(() => api.POST("/api/keys/{key_id}/rotate", call))
    onRotated()
    onClose()
  })
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("keys.rotatePair")} description={t("keys.rotatePairAbout")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && <Notice kind="down" title={form.said} />}
        <PublicKeyField value={publicKey} onChange={setPublicKey} error={form.error("public_key")} />
        <Button type="submit" variant="primary" pending={form.pending}>
          {t("keys.usePair")}
        </Button>
      </form>
    </Dialog>
  )
}
