/** Jumps to a moment, in the chart's time zone. */

import { CalendarSearch } from "lucide-react"
import { type FormEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { IconButton } from "@/components/icon-button"
import { Popover } from "@/components/popover"
import { TextInput } from "@/components/text-input"
import type { Zone } from "../engine/look"

export function GoToDate({ zone, onGo }: { zone: Zone; onGo: (timeMs: number) => void }) {
  const { t } = useTranslation("chart")
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState("")
  const time = timeOfInput(typed, zone)
  const go = (event: FormEvent): void => {
    event.preventDefault()
    if (time === null) return
    onGo(time)
    setOpen(false)
  }
  const icon = <CalendarSearch size={16} strokeWidth={1.5} aria-hidden />
  return (
    <Popover open={open} onOpenChange={setOpen} label={t("goTo.label")} trigger={<IconButton size="sm" label={t("goTo.label")} icon={icon} />}>
      <form onSubmit={go} className="flex flex-col gap-3">
        <Field label={t("goTo.when")} hint={t(`zone.${zone}`)}>
          {(ids) => <TextInput {...ids} type="datetime-local" value={typed} onChange={(event) => setTyped(event.target.value)} />}
        </Field>
        <Button type="submit" variant="primary" disabled={time === null}>
          {t("goTo.go")}
        </Button>
      </form>
    </Popover>
  )
}

/** Returns what a datetime-local input says, Unix milliseconds; null while it says nothing. */
export function timeOfInput(typed: string, zone: Zone): number | null {
  const time = typed === "" ? Number.NaN : Date.parse(zone === "utc" ? `${typed}Z` : typed)
  return Number.isNaN(time) ? null : time
}
