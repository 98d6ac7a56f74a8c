/** The audit log: searched by act, actor, object, address, session and time; exported page by page. */

import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { TextInput } from "@/components/text-input"
import { type AuditFilter, AuditTimeline } from "../audit-timeline"
import { ExportAudit } from "../export-audit"

const TEXTS = ["act", "actor", "object", "ip", "session_id"] as const
type Typed = Record<(typeof TEXTS)[number] | "from" | "to", string>
const NOTHING: Typed = { act: "", actor: "", object: "", ip: "", session_id: "", from: "", to: "" }

/** Makes the filter of what was typed; empty fields ask for nothing. */
export function filterOf(typed: Typed): AuditFilter {
  const said = TEXTS.map((name) => [name, typed[name].trim()] as const).filter(([, value]) => value !== "")
  const from = Date.parse(typed.from)
  const to = Date.parse(typed.to)
  return {
    ...Object.fromEntries(said),
    ...(Number.isNaN(from) ? {} : { from_ms: from }),
    ...(Number.isNaN(to) ? {} : { to_ms: to }),
  }
}

export default function AuditSection({ id }: { id?: string }) {
  const { t } = useTranslation("admin")
  const [typed, setTyped] = useState<Typed>({ ...NOTHING, object: id ?? "" })
  const [filter, setFilter] = useState<AuditFilter>(filterOf(typed))
  return (
    <div className="flex flex-col gap-4">
      <form
        role="search"
        className="grid grid-cols-2 gap-3 md:grid-cols-4"
        onSubmit={(event) => {
          event.preventDefault()
          setFilter(filterOf(typed))
        }}
      >
        {[...TEXTS, "from" as const, "to" as const].map((name) => (
          <Field key={name} label={t(`audit.by.${name}`)}>
            {(ids) => (
              <TextInput
                id={ids.id}
                type={name === "from" || name === "to" ? "datetime-local" : "text"}
                value={typed[name]}
                onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
              />
            )}
          </Field>
        ))}
        <div className="flex items-end gap-2">
          <Button type="submit" variant="secondary">
            {t("audit.search")}
          </Button>
        </div>
      </form>
      <ExportAudit />
      <AuditTimeline filter={filter} title={t("audit.records")} />
    </div>
  )
}
