import { useTranslation } from "react-i18next"
import type { Ready } from "@/app/exchange-state"
import { Section, StateRow } from "./section"

/** Each part that the exchange needs, in words for people who do not run it. */
export function Dependencies({ ready }: { ready: Ready }) {
  const { t } = useTranslation("status")
  return (
    <Section title={t("parts.title")}>
      {Object.entries(ready.dependencies).map(([name, part]) => (
        <StateRow
          key={name}
          name={t(`parts.names.${name}`, { defaultValue: name })}
          about={t(`parts.about.${name}`, { defaultValue: "" })}
          state={t(part.ok ? "parts.ok" : part.required === false ? "parts.limited" : "parts.down")}
          tone={part.ok ? "good" : part.required === false ? "warn" : "danger"}
        />
      ))}
    </Section>
  )
}
