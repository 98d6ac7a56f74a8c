/** The settings of how the app looks, sounds and speaks on this device; every change shows at once. */

import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { SegmentedControl } from "@/components/segmented-control"
import { Select } from "@/components/select"
import { Switch } from "@/components/switch"
import { LOCALE_NAMES } from "@/i18n/names"
import { LOCALES, type Preferences, usePreferences } from "../preferences"

const CHOICES = {
  theme: ["system", "light", "dark"],
  contrast: ["normal", "high"],
  updown: ["green-up", "red-up", "blue-orange"],
  density: ["compact", "comfortable"],
} as const satisfies { [K in keyof Preferences]?: readonly Preferences[K][] }

export function DisplayChoices() {
  const { t } = useTranslation("display")
  const { locale, sounds, set } = usePreferences()
  const languages = LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))
  return (
    <div className="flex flex-col gap-4">
      <Row label={t("common:display.language")}>
        <Select
          label={t("common:display.language")}
          value={locale}
          options={languages}
          onChange={(value) => set({ locale: value })}
        />
      </Row>
      <Choice name="theme" />
      <Choice name="contrast" />
      <Choice name="updown" />
      <Choice name="density" />
      <Switch
        checked={sounds}
        onChange={(on) => set({ sounds: on })}
        label={t("sounds")}
        hint={t("soundsHint")}
      />
    </div>
  )
}

function Choice({ name }: { name: keyof typeof CHOICES }) {
  const { t } = useTranslation("display")
  const { set, ...now } = usePreferences()
  const options = CHOICES[name].map((value) => ({
    value: value as string,
    label:
      name === "updown" ? (
        <>
          <Swatches scheme={value} /> {t(`choices.updown.${value}`)}
        </>
      ) : (
        t(`choices.${name}.${value}`)
      ),
  }))
  return (
    <Row label={t(name)}>
      <SegmentedControl
        size="sm"
        label={t(name)}
        value={now[name]}
        options={options}
        onChange={(value) => set({ [name]: value })}
      />
    </Row>
  )
}

/** Two small marks in the colours of up and down. */
function Swatches({ scheme }: { scheme: string }) {
  const [up, down] =
    scheme === "red-up" ? ["bg-danger", "bg-good"] : scheme === "green-up" ? ["bg-good", "bg-danger"] : ["bg-info", "bg-warn"]
  return (
    <span aria-hidden className="inline-flex gap-px">
      <span className={`h-2.5 w-1 ${up}`} />
      <span className={`h-2.5 w-1 ${down}`} />
    </span>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
      <span className="text-13">{label}</span>
      {children}
    </div>
  )
}
