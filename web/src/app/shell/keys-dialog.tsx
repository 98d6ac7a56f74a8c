import { useTranslation } from "react-i18next"
import { Dialog } from "@/components/dialog"
import { grouped } from "../grouped"
import { type Hotkey, useHotkeys } from "../hotkeys"
import { openPanel } from "../panels"
import { Keys } from "./keys"

/** Every key that acts on this page, by group. */
export default function KeysDialog() {
  const { t } = useTranslation("common")
  const hotkeys = useHotkeys()
  const groups = grouped(hotkeys, (each) => each.group)
  return (
    <Dialog open onOpenChange={() => openPanel(null)} title={t("hotkeys.title")} description={t("hotkeys.about")}>
      <div className="flex flex-col gap-5">
        {groups.map(([group, keys]) => (
          <section key={group} aria-label={t(`hotkeys.groups.${group}`)}>
            <h3 className="mb-1 text-11 text-muted">{t(`hotkeys.groups.${group}`)}</h3>
            <dl>
              {grouped(keys, (each) => each.labelKey).map(([labelKey, same]) => (
                <Line key={labelKey} labelKey={labelKey} hotkeys={same} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}

function Line({ labelKey, hotkeys }: { labelKey: string; hotkeys: readonly Hotkey[] }) {
  const { t } = useTranslation("common")
  return (
    <div className="flex items-center justify-between border-b border-line py-1.5 text-13 last:border-0">
      <dt>{t(labelKey)}</dt>
      <dd className="flex gap-3">
        {hotkeys.map(({ id, keys }) => (
          <Keys key={id} keys={keys} />
        ))}
      </dd>
    </div>
  )
}
