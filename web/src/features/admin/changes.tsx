/** What an act changes: two columns of facts. */

import { useTranslation } from "react-i18next"

type Facts = Readonly<Record<string, unknown>>

/** Two columns of facts, before and after; what differs stands out by weight. */
export function Changes({ before, after }: { before: Facts; after: Facts }) {
  const { t } = useTranslation("admin")
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  if (names.length === 0) return null
  return (
    <table className="w-full max-w-2xl text-13">
      <caption className="sr-only">{t("approvals.changes")}</caption>
      <thead>
        <tr className="text-start text-12 text-muted">
          <th scope="col" className="py-1 pe-4 text-start font-normal">{t("approvals.what")}</th>
          <th scope="col" className="py-1 pe-4 text-start font-normal">{t("approvals.before")}</th>
          <th scope="col" className="py-1 text-start font-normal">{t("approvals.after")}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const [from, to] = [show(before[name]), show(after[name])]
          return (
            <tr key={name} className="border-t border-line">
              <th scope="row" className="py-1 pe-4 text-start font-mono font-normal text-muted">{name}</th>
              <td className="num py-1 pe-4">{from}</td>
              <td className={`num py-1 ${from === to ? "" : "font-medium text-text"}`}>{to}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function show(value: unknown): string {
  if (value === undefined || value === null) return "–"
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}
