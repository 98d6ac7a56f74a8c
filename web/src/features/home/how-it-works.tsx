import { useTranslation } from "react-i18next"

const FANS = ["find", "understand", "trade"] as const
const CREATORS = ["token", "rules", "book"] as const

/** For fans and for creators, side by side, in three sentences each. */
export function HowItWorks() {
  const { t } = useTranslation("home")
  return (
    <div className="grid gap-x-12 gap-y-12 border-t border-line py-12 md:grid-cols-2 md:py-16">
      <section>
        <h2 className="font-display text-28">{t("fans.title")}</h2>
        <Steps keys={FANS.map((key) => [t(`fans.${key}`), t(`fans.${key}Body`)] as const)} />
      </section>
      <section>
        <h2 className="font-display text-28">{t("creators.title")}</h2>
        <Steps keys={CREATORS.map((key) => [t(`creators.${key}`), t(`creators.${key}Body`)] as const)} />
      </section>
    </div>
  )
}

function Steps({ keys }: { keys: readonly (readonly [string, string])[] }) {
  return (
    <dl className="mt-6">
      {keys.map(([title, body]) => (
        <div key={title} className="border-t border-line py-4">
          <dt className="text-16 font-medium">{title}</dt>
          <dd className="mt-1 max-w-prose text-14 text-muted">{body}</dd>
        </div>
      ))}
    </dl>
  )
}
