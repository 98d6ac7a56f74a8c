/** An indicator's parameters, each with its range; a change counts as soon as it is one that the indicator takes. */

import { defaults, indicator as find, type Parameter, type Parameters, problemOf } from "@cse/indicators"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "@/components/button"
import { Field, type FieldIds } from "@/components/field"
import { Select } from "@/components/select"
import { TextInput } from "@/components/text-input"
import type { IndicatorSetting } from "../layouts/schema"

type Value = number | string

export interface ParameterFormProps {
  setting: IndicatorSetting
  onChange: (parameters: Parameters) => void
}

export function ParameterForm({ setting, onChange }: ParameterFormProps) {
  const { t } = useTranslation("indicators")
  const [round, setRound] = useState(0)
  const indicator = find(setting.name)
  if (indicator === undefined) return null
  const values = { ...defaults(indicator), ...setting.parameters }
  const reset = (): void => {
    onChange(defaults(indicator))
    setRound(round + 1)
  }
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(10rem,1fr))] items-start gap-3 pt-3 pb-2">
      {indicator.parameters.map((parameter) => (
        <ParameterField
          key={`${parameter.key} ${round}`}
          parameter={parameter}
          value={values[parameter.key] ?? parameter.default}
          onChange={(value) => onChange({ ...values, [parameter.key]: value })}
        />
      ))}
      <Button size="sm" variant="ghost" className="mt-6 justify-self-start" onClick={reset}>
        {t("reset")}
      </Button>
    </div>
  )
}

interface FieldProps {
  parameter: Parameter
  value: Value
  onChange: (value: Value) => void
}

function ParameterField({ parameter, value, onChange }: FieldProps) {
  const { t } = useTranslation("indicators")
  const label = t(`parameter.${parameter.key}`)
  if ("choices" in parameter) {
    const options = parameter.choices.map((choice) => ({ value: choice, label: t(`choice.${choice}`) }))
    return <Field label={label}>{(ids) => <Select {...ids} value={String(value)} options={options} onChange={onChange} />}</Field>
  }
  if (parameter.kind === "time") return <TimeField parameter={parameter} value={value} onChange={onChange} />
  return <NumberField parameter={parameter} value={value} onChange={onChange} />
}

function NumberField({ parameter, value, onChange }: FieldProps) {
  const { t } = useTranslation("indicators")
  const [typed, setTyped] = useState(String(value))
  const number = typed.trim() === "" ? Number.NaN : Number(typed)
  const problem = problemOf(parameter, number)
  const range = "min" in parameter ? { min: parameter.min, max: parameter.max } : {}
  const read = (text: string): void => {
    setTyped(text)
    const next = text.trim() === "" ? Number.NaN : Number(text)
    if (problemOf(parameter, next) === null) onChange(next)
  }
  const step = "step" in parameter ? parameter.step : 1
  const input = (ids: FieldIds) => (
    <TextInput
      {...ids}
      type="number"
      dir="ltr"
      inputMode="decimal"
      {...range}
      step={step}
      value={typed}
      onChange={(event) => read(event.target.value)}
      className="num"
    />
  )
  return (
    <Field
      label={t(`parameter.${parameter.key}`)}
      hint={t("range", range)}
      error={problem === null ? undefined : t(`problem.${problem}`, range)}
    >
      {input}
    </Field>
  )
}

const MINUTE_MS = 60_000

/** Return a moment as the browser's input for local times has it. */
function localText(time: number): string {
  if (time === 0) return ""
  const offset = new Date(time).getTimezoneOffset() * MINUTE_MS
  return new Date(time - offset).toISOString().slice(0, 16)
}

function TimeField({ parameter, value, onChange }: FieldProps) {
  const { t } = useTranslation("indicators")
  const read = (text: string): void => {
    const time = text === "" ? 0 : new Date(text).getTime()
    if (problemOf(parameter, time) === null) onChange(time)
  }
  return (
    <Field label={t(`parameter.${parameter.key}`)} hint={t("first_candle_hint")}>
      {(ids) => (
        <TextInput
          {...ids}
          type="datetime-local"
          dir="ltr"
          value={localText(Number(value))}
          onChange={(event) => read(event.target.value)}
          className="num"
        />
      )}
    </Field>
  )
}
