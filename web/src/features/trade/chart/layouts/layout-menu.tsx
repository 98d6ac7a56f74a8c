/** Named layouts: chosen, saved, made the standard, deleted; all of them out to a file and in again. */

import { LayoutTemplate } from "lucide-react"
import type { TFunction } from "i18next"
import { useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { Dialog } from "@/components/dialog"
import { Field } from "@/components/field"
import { Menu, type MenuItem } from "@/components/menu"
import { TextInput } from "@/components/text-input"
import { toast } from "@/components/toasts"
import { download } from "../picture"
import { BadLayout } from "./checks"
import { LIMITS, type MarketChart, readFile } from "./schema"
import { applyLayout, deleteLayout, keepFile, saveLayout, setStandard, useChartFile } from "./store"

export function LayoutMenu({ market, chart }: { market: string; chart: MarketChart }) {
  const { t } = useTranslation("chart")
  const file = useChartFile((state) => state.file)
  const [naming, setNaming] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const exportAll = (): void => download(new Blob([JSON.stringify(file)], { type: "application/json" }), "cse-charts.json")
  const own = chart.layout
  const items: MenuItem[] = [
    { heading: t("layout.heading") },
    ...file.saved.map(({ name }) => ({ label: name, checked: own === name, onSelect: () => applyLayout(market, name) })),
    ...(file.saved.length === 0 ? [{ label: t("layout.none"), disabled: true, onSelect: () => undefined }] : []),
    { separator: true },
    { label: t("layout.saveAs"), onSelect: () => setNaming(true) },
    ...(own === null ? [] : ownItems(own)),
    { separator: true },
    { label: t("layout.export"), onSelect: exportAll },
    { label: t("layout.import"), onSelect: () => input.current?.click() },
  ]
  function ownItems(name: string): MenuItem[] {
    const standard = file.standard === name
    return [
      { label: t("layout.save", { name }), onSelect: () => void saveLayout(market, name) },
      { label: t("layout.standard"), checked: standard, onSelect: () => setStandard(standard ? null : name) },
      { label: t("layout.delete", { name }), danger: true, onSelect: () => deleteLayout(name) },
    ]
  }
  const trigger = (
    <Button size="sm" variant="ghost" aria-label={t("layout.label", { name: own ?? t("layout.unnamed") })}>
      <LayoutTemplate size={16} strokeWidth={1.5} aria-hidden />
      <span className="max-w-32 truncate @max-3xl:hidden">{own ?? t("layout.heading")}</span>
    </Button>
  )
  return (
    <>
      <Menu trigger={trigger} items={items} />
      <input ref={input} type="file" accept="application/json" hidden aria-label={t("layout.import")} onChange={(event) => void importFile(event.target, t)} />
      {naming && <NameDialog market={market} onClose={() => setNaming(false)} />}
    </>
  )
}

async function importFile(input: HTMLInputElement, t: TFunction<"chart">): Promise<void> {
  const chosen = input.files?.[0]
  input.value = "" // so that the same file can be chosen again
  if (!chosen) return
  if (chosen.size > LIMITS.bytes) return void toast("down", t("layout.refused"), t("layout.tooBig", { megabytes: LIMITS.bytes / 1e6 }))
  try {
    keepFile(readFile(await chosen.text()))
    toast("up", t("layout.imported"))
  } catch (refused) {
    if (!(refused instanceof BadLayout)) throw refused
    toast("down", t("layout.refused"), refused.message)
  }
}

function NameDialog({ market, onClose }: { market: string; onClose: () => void }) {
  const { t } = useTranslation("chart")
  const { t: say } = useTranslation()
  const [name, setName] = useState("")
  const save = (): void => {
    if (saveLayout(market, name.trim())) onClose()
    else toast("down", t("layout.tooMany", { count: LIMITS.layouts }))
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="sm"
      title={t("layout.saveAs")}
      description={t("layout.explain")}
      footer={
        <>
          <Button onClick={onClose}>{say("action.cancel")}</Button>
          <Button variant="primary" disabled={name.trim() === ""} onClick={save}>
            {say("action.save")}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== "") save()
        }}
      >
        <Field label={t("layout.name")}>{(ids) => <TextInput {...ids} value={name} maxLength={LIMITS.nameLength} onChange={(event) => setName(event.target.value)} />}</Field>
      </form>
    </Dialog>
  )
}
