/** How long the order stands, whether it may take, and what it does when it meets an own one. */

import { ChevronRight } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Checkbox } from "@/components/checkbox"
import { Field } from "@/components/field"
import { Select } from "@/components/select"
import { TextInput } from "@/components/text-input"
import { canPost, type SelfTrade, timesInForce } from "./draft"
import { shownError } from "./reason-text"
import type { Ticket } from "./use-ticket"

const SELF_TRADE: readonly SelfTrade[] = ["expire_maker", "expire_taker", "expire_both", "decrement", "none"]

export function Advanced({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation("trade")
  const { draft, change } = ticket
  const [open, setOpen] = useState(draft.postOnly || draft.timeInForce === "gtd")
  return (
    <details className="group/adv" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex h-7 cursor-pointer list-none items-center gap-1 text-12 text-muted hover:text-text">
        <ChevronRight aria-hidden size={14} strokeWidth={1.5} className="transition-transform group-open/adv:rotate-90 rtl:-scale-x-100" />
        {t("ticket.advanced")}
        <span className="ms-auto">{t(`ticket.tifShort.${draft.timeInForce}`)}</span>
      </summary>
      <div className="flex flex-col gap-3 pt-2">
        <Field label={t("ticket.timeInForce")}>
          {(ids) => (
            <Select
              id={ids.id}
              size="sm"
              value={draft.timeInForce}
              onChange={(timeInForce) => change({ timeInForce })}
              options={timesInForce(draft.type).map((value) => ({ value, label: t(`ticket.tif.${value}`) }))}
              className="w-full"
            />
          )}
        </Field>
        {draft.timeInForce === "gtd" && (
          <Field label={t("ticket.expires")} error={shownError(t, ticket, "expires")}>
            {(ids) => (
              <TextInput
                {...ids}
                type="datetime-local"
                data-field="expires"
                value={draft.expires}
                onChange={(event) => change({ expires: event.target.value })}
              />
            )}
          </Field>
        )}
        {canPost(draft) && (
          <Checkbox
            checked={draft.postOnly}
            onChange={(postOnly) => change({ postOnly })}
            label={t("ticket.postOnly")}
            hint={t("ticket.postOnlyHint")}
          />
        )}
        <Field label={t("ticket.selfTrade")}>
          {(ids) => (
            <Select
              id={ids.id}
              size="sm"
              value={draft.selfTrade}
              onChange={(selfTrade) => change({ selfTrade })}
              options={SELF_TRADE.map((value) => ({ value, label: t(`ticket.stp.${value}`) }))}
              className="w-full"
            />
          )}
        </Field>
      </div>
    </details>
  )
}
