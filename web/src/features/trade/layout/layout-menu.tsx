/** Ready-made arrangements of the desk, one of one's own, and folding panels away. */

import { LayoutDashboard } from "lucide-react"
import { useTranslation } from "react-i18next"
import { IconButton } from "@/components/icon-button"
import { Menu } from "@/components/menu"
import { PRESETS, type Preset, useTradeSettings } from "../settings"

export const PRESET_NAMES = Object.keys(PRESETS) as readonly Preset[]

export function LayoutMenu() {
  const { t } = useTranslation("trade")
  const { sizes, bookFolded, bottomFolded, own, set } = useTradeSettings()
  return (
    <Menu
      trigger={<IconButton size="sm" label={t("layout.title")} icon={<LayoutDashboard size={16} strokeWidth={1.5} />} />}
      items={[
        { heading: t("layout.presets") },
        ...PRESET_NAMES.map((name) => ({ label: t(`layout.preset.${name}`), onSelect: () => set(PRESETS[name]) })),
        ...(own ? [{ label: t("layout.own"), onSelect: () => set(own) }] : []),
        { separator: true as const },
        { label: t("layout.keep"), onSelect: () => set({ own: { sizes, bookFolded, bottomFolded } }) },
        { label: t("layout.book"), checked: !bookFolded, onSelect: () => set({ bookFolded: !bookFolded }) },
        { label: t("layout.bottom"), checked: !bottomFolded, onSelect: () => set({ bottomFolded: !bottomFolded }) },
      ]}
    />
  )
}
