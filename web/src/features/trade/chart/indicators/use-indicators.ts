/** Keeps a chart's indicators to a list of settings. What computes and draws them loads with the first one. */

import type { Chart } from "klinecharts"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import type { IndicatorSetting } from "../layouts/schema"

/** An indicator's name as traders write it, in every language: "VWAP SESSION". */
const symbolOf = (name: string): string => name.toUpperCase().replaceAll("_", " ")

let drawing: Promise<typeof import("./drawing")> | null = null

/** Shows `settings` on `chart` (null while there is none), now and whenever they or the language change. */
export function useIndicators(chart: Chart | null, settings: readonly IndicatorSetting[]): void {
  const { i18n } = useTranslation("chart")
  const { language } = i18n
  useEffect(() => {
    if (chart === null || (settings.length === 0 && drawing === null)) return
    let over = false
    const show = async (): Promise<void> => {
      drawing ??= import("./drawing")
      const [{ momentText, showIndicators }] = await Promise.all([drawing, i18n.loadNamespaces("indicators")])
      if (over) return
      const t = i18n.getFixedT(language)
      showIndicators(chart, settings, {
        indicator: (name) => (name.startsWith("cdl") ? t(`indicators:name.${name}`) : symbolOf(name)),
        output: (key) => t(`indicators:output.${key}`),
        moment: (time) => momentText(time, t("indicators:first_candle"), language),
      })
    }
    void show()
    return () => {
      over = true
    }
  }, [chart, settings, i18n, language])
}
