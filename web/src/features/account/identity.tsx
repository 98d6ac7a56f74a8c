/** The identity level: what each level allows, and the check that leads to the next one. */

import { type components, told } from "@cse/core"
import { useQuery } from "@tanstack/react-query"
import { Check, Minus } from "lucide-react"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { usePreferences } from "@/app/preferences"
import { useForm } from "@/app/use-form"
import { Badge } from "@/components/badge"
import { Button } from "@/components/button"
import { ErrorState } from "@/components/error-state"
import { Field, type FieldIds } from "@/components/field"
import { Notice } from "@/components/notice"
import { Select } from "@/components/select"
import { Skeleton } from "@/components/skeleton"
import { TextInput } from "@/components/text-input"
import { countriesIn } from "./countries"
import { CheckCard } from "./identity-check"
import { Part } from "./part"
import { Row, RowList } from "./row-list"

type Level = components["schemas"]["LevelJson"]
type Data = components["schemas"]["PersonalData"]

export const CHECKS = ["identity-checks"]
const OVER = new Set(["approved", "rejected", "withdrawn"])
const FIELDS = [
  { name: "legal_name", type: "text", autoComplete: "name" },
  { name: "birth_date", type: "date", autoComplete: "bday" },
] as const
const COUNTRIES = ["country_of_residence", "nationality"] as const
const EMPTY: Data = { legal_name: "", birth_date: "", country_of_residence: "", nationality: "" }

export function IdentityPart() {
  const { t } = useTranslation("account")
  const own = useQuery({ queryKey: ["identity"], queryFn: async () => told(await api.GET("/api/identity")) })
  const checks = useQuery({
    queryKey: CHECKS,
    queryFn: async () => told(await api.GET("/api/identity-checks", { params: { query: { limit: 20 } } })).checks,
  })
  const error = own.error ?? checks.error
  if (error) return <ErrorState problem={error} onRetry={() => void Promise.all([own.refetch(), checks.refetch()])} />
  if (!own.data || !checks.data) return <Skeleton w="100%" h="12rem" />
  const running = checks.data.find((each) => !OVER.has(each.status))
  const highest = Math.max(...own.data.levels.map(({ level }) => level))
  return (
    <Part title={t("identity.title", { level: own.data.level })} about={t("identity.about")}>
      <Levels levels={own.data.levels} own={own.data.level} />
      {checks.data.map((check) => (
        <CheckCard key={check.check_id} check={check} />
      ))}
      {!running && own.data.level < highest && <Begin level={own.data.level + 1} onBegun={() => void checks.refetch()} />}
    </Part>
  )
}

function Levels({ levels, own }: { levels: readonly Level[]; own: number }) {
  const { t } = useTranslation("account")
  return (
    <RowList label={t("identity.levels")}>
      {levels.map((row) => (
        <Row
          key={row.level}
          title={
            <>
              {t("identity.levelIs", { level: row.level })}
              {row.level === own && <Badge kind="info">{t("identity.yours")}</Badge>}
            </>
          }
          facts={t(`identity.known.${row.level as 0 | 1 | 2 | 3}`, { defaultValue: "" })}
          acts={<Allows level={row} />}
        />
      ))}
    </RowList>
  )
}

function Allows({ level }: { level: Level }) {
  const { t } = useTranslation("account")
  const allowed = [
    { key: "trade", may: level.may_trade, words: t(level.may_trade ? "identity.mayTrade" : "identity.mayNotTrade") },
    {
      key: "keys",
      may: level.may_hold_withdraw_keys,
      words: t(level.may_hold_withdraw_keys ? "identity.mayWithdraw" : "identity.mayNotWithdraw"),
    },
  ]
  return (
    <ul className="flex flex-col gap-0.5 text-12 sm:w-44">
      {allowed.map(({ key, may, words }) => (
        <li key={key} className={may ? "flex items-center gap-1.5" : "flex items-center gap-1.5 text-muted"}>
          {may ? <Check size={13} strokeWidth={1.5} aria-hidden className="text-good" /> : <Minus size={13} strokeWidth={1.5} aria-hidden />}
          {words}
        </li>
      ))}
    </ul>
  )
}

function Begin({ level, onBegun }: { level: number; onBegun: () => void }) {
  const { t } = useTranslation("account")
  const [open, setOpen] = useState(false)
  const [data, setData] = useState(EMPTY)
  // From level 2 on the exchange takes the data of the check before.
  const hasData = level > 1
  const names = [...FIELDS.map(({ name }) => name), ...COUNTRIES]
  const begin = async (): Promise<void> => {
    await api.POST("/api/identity-checks", { body: hasData ? { level } : { level, data } })
    onBegun()
  }
  const form = useForm([...names, ...names.map((name) => `data.${name}`)], begin)
  if (!open)
    return (
      <div className="flex flex-col items-start gap-3">
        {form.said && <Notice kind="down" title={form.said} />}
        <Button
          variant="primary"
          pending={form.pending}
          onClick={() => (hasData ? void form.run(begin) : setOpen(true))}
        >
          {t("identity.begin", { level })}
        </Button>
      </div>
    )
  return (
    <form onSubmit={form.submit} className="flex max-w-sm flex-col gap-4">
      {form.said && <Notice kind="down" title={form.said} />}
      {FIELDS.map(({ name, type, autoComplete }) => (
        <Field
          key={name}
          label={t(`identity.data.${name}`)}
          error={form.error(name) ?? form.error(`data.${name}`)}
        >
          {(ids) => (
            <TextInput
              {...ids}
              name={name}
              type={type}
              autoComplete={autoComplete}
              required
              value={data[name]}
              onChange={(event) => setData({ ...data, [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
      {COUNTRIES.map((name) => (
        <Field key={name} label={t(`identity.data.${name}`)} error={form.error(name) ?? form.error(`data.${name}`)}>
          {(ids) => <CountryInput {...ids} value={data[name]} onChange={(code) => setData({ ...data, [name]: code })} />}
        </Field>
      ))}
      <div>
        <Button type="submit" variant="primary" pending={form.pending} disabled={names.some((name) => data[name] === "")}>
          {t("identity.start")}
        </Button>
      </div>
    </form>
  )
}

interface CountryProps extends FieldIds {
  value: string
  onChange: (code: string) => void
}

function CountryInput({ value, onChange, ...ids }: CountryProps) {
  const { t } = useTranslation("account")
  const locale = usePreferences((state) => state.locale)
  const options = useMemo(() => countriesIn(locale).map(({ code, name }) => ({ value: code, label: name })), [locale])
  return <Select {...ids} value={value} onChange={onChange} options={[{ value: "", label: t("identity.choose") }, ...options]} />
}
