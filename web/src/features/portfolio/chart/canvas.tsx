/** The chart's canvas; loaded when it is needed, with the library that draws it. */

import { useEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Point } from "../data"
import { ValueChart } from "./engine"

interface Props {
  points: readonly Point[]
  label: string
  onPoint: (point: Point | null) => void
}

export default function Canvas({ points, label, onPoint }: Props) {
  const { i18n } = useTranslation()
  const place = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<ValueChart | null>(null)
  useEffect(() => {
    if (!place.current) return
    const made = new ValueChart(place.current, i18n.language, onPoint)
    setChart(made)
    return () => made.close()
  }, [i18n.language, onPoint])
  useEffect(() => chart?.show(points), [chart, points])
  return <div ref={place} dir="ltr" role="img" aria-label={label} className="h-full w-full" />
}
