/** Making a key: a name, what it may do, from where, until when; with a secret, or with one's own public key. */

import { type components, told } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { OwnAccount } from "@/app/data/own-accounts"
import { actingOn, api } from "@/app/exchange"
import { withStepUp } from "@/app/step-up"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Checkbox } from "@/components/checkbox"
import { Dialog } from "@/components/dialog"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { SegmentedControl } from "@/components/segmented-control"
import { Select } from "@/components/select"
import { TextArea, TextInput } from "@/components/text-input"
import { allowlistOf, expiryOf } from "./key-fields"
import { PublicKeyField } from "./public-key-field"

type Schemas = components["schemas"]
export type MadeKey = Schemas["NewKeyAnswer"]
type Kind = NonNullable<Schemas["KeyCreateRequest"]["kind"]>
type Scope = Schemas["KeyCreateRequest"]["scopes"][number]

const SCOPES: readonly Scope[] = ["read", "trade"]
const EMPTY = { name: "", public_key: "", addresses: "", expires: "" }

interface MakeProps {
  /** The accounts to choose from; none: there is nothing to choose. */
  accounts: readonly OwnAccount[]
  onClose: () => void
  onMade: (made: MadeKey) => void
}

export function MakeKey({ accounts, onClose, onMade }: MakeProps) {
  const { t } = useTranslation("account")
  const [picked, setPicked] = useState<string | null>(null)
  const ofNow = accounts.find(({ id }) => id === actingOn()) ?? accounts[0]
  const account = picked ?? String(ofNow?.id)
  const [kind, setKind] = useState<Kind>("hmac-sha256")
  const [scopes, setScopes] = useState<readonly Scope[]>(["read"])
  const [typed, setTyped] = useState(EMPTY)
  const form = useForm(["name", "public_key", "ip_allowlist", "expires_at", "scopes"], async () => {
    const expires = expiryOf(typed.expires)
    const body = {
      name: typed.name,
      kind,
      scopes: [...scopes],
      ip_allowlist: allowlistOf(typed.addresses),
      ...(accounts.length === 0 ? {} : { account_id: Number(account) }),
      ...(expires === null ? {} : { expires_at: expires }),
      ...(kind === "ed25519" ? { public_key: typed.public_key.trim() } : {}),
    }
    onMade(told(await withStepUp(() => api.POST("/api/keys", { body }))))
  })
  return (
    <Dialog open dismissable={false} onOpenChange={(open) => !open && onClose()} title={t("keys.make")} description={t("keys.makeAbout")}>
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        {form.said && <Notice kind="down" title={form.said} />}
        <Field label={t("keys.name")} hint={t("keys.nameHint")} error={form.error("name")}>
          {(ids) => (
            <TextInput {...ids} name="name" required autoComplete="off" value={typed.name} onChange={(event) => setTyped({ ...typed, name: event.target.value })} />
          )}
        </Field>
        {accounts.length > 0 && (
          <Field label={t("common:menu.actsOn")}>
            {({ id }) => (
              <Select id={id} className="w-full" value={account} onChange={setPicked} options={accounts.map((each) => ({ value: String(each.id), label: each.label }))} />
            )}
          </Field>
        )}
        <fieldset className="flex flex-col gap-2">
          <legend className="pb-1 text-13">{t("keys.scopes")}</legend>
          {SCOPES.map((scope) => (
            <Checkbox
              key={scope}
              checked={scopes.includes(scope)}
              onChange={(on) => setScopes(on ? [...scopes, scope] : scopes.filter((each) => each !== scope))}
              label={t(`keys.scope.${scope}`)}
              hint={t(`keys.scopeHint.${scope}`)}
            />
          ))}
          {form.error("scopes") && <p className="text-12 text-danger">{form.error("scopes")}</p>}
        </fieldset>
        <KindFields kind={kind} onKind={setKind} publicKey={typed.public_key} error={form.error("public_key")} onPublicKey={(public_key) => setTyped({ ...typed, public_key })} />
        <Field label={t("keys.addresses")} hint={t("keys.addressesHint")} error={form.error("ip_allowlist")}>
          {(ids) => (
            <TextArea {...ids} name="ip_allowlist" rows={2} dir="ltr" value={typed.addresses} onChange={(event) => setTyped({ ...typed, addresses: event.target.value })} />
          )}
        </Field>
        <Field label={t("keys.expires")} hint={t("keys.expiresHint")} error={form.error("expires_at")}>
          {(ids) => (
            <TextInput {...ids} name="expires_at" type="date" value={typed.expires} onChange={(event) => setTyped({ ...typed, expires: event.target.value })} />
          )}
        </Field>
        <Button type="submit" variant="primary" pending={form.pending} disabled={scopes.length === 0}>
          {t("keys.go")}
        </Button>
      </form>
    </Dialog>
  )
}

interface KindProps {
  kind: Kind
  onKind: (kind: Kind) => void
  publicKey: string
  error: string | undefined
  onPublicKey: (publicKey: string) => void
}

function KindFields({ kind, onKind, publicKey, error, onPublicKey }: KindProps) {
  const { t } = useTranslation("account")
  return (
    <div className="flex flex-col gap-3">
      <SegmentedControl
        label={t("keys.kind")}
        value={kind}
        onChange={(value) => onKind(value)}
        options={[
          { value: "hmac-sha256", label: t("keys.withSecret") },
          { value: "ed25519", label: t("keys.withPair") },
        ]}
      />
      <p className="text-12 text-muted">{t(kind === "ed25519" ? "keys.pairHint" : "keys.secretHint")}</p>
      {kind === "ed25519" && <PublicKeyField value={publicKey} onChange={onPublicKey} error={error} />}
    </div>
  )
}
