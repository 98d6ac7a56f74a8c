/** What can be changed of the selected drawing: colour, width, text; and it can go. */

import { Trash2 } from "lucide-react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { IconButton } from "@/components/icon-button"
import { useDrawingState } from "../use-engine"
import { LIMITS } from "../layouts/schema"
import { DRAWING_COLORS, type DrawingColor, hasText } from "./drawing"
import type { Drawings } from "./drawings"

const SWATCHES: Record<DrawingColor, string> = {
  info: "bg-info",
  brand: "bg-brand",
  up: "bg-up",
  down: "bg-down",
  warn: "bg-warn",
  text: "bg-text",
}
const WIDTHS = [1, 2, 3] as const

export function DrawingStyle({ drawings }: { drawings: Drawings }) {
  const { t } = useTranslation("chart")
  const { selected } = useDrawingState(drawings)
  if (!selected) return null
  return (
    <div role="toolbar" aria-label={t("draw.style")} className="absolute inset-x-0 bottom-10 z-20 mx-auto flex w-fit items-center gap-1 rounded-popover border border-line-strong bg-raised p-1 shadow-float">
      {DRAWING_COLORS.map((color) => (
        <button
          key={color}
          type="button"
          aria-label={t(`draw.color.${color}`)}
          aria-pressed={selected.color === color}
          onClick={() => drawings.restyle({ color })}
          className={cx("grid size-6 place-items-center rounded-input", selected.color === color && "outline-2 -outline-offset-2 outline-line-strong")}
        >
          <span className={cx("size-3.5 rounded-full", SWATCHES[color])} />
        </button>
      ))}
      {WIDTHS.map((width) => (
        <button
          key={width}
          type="button"
          aria-label={t("draw.width", { width })}
          aria-pressed={selected.width === width}
          onClick={() => drawings.restyle({ width })}
          className={cx("grid size-6 place-items-center rounded-input", selected.width === width && "bg-line")}
        >
          <span className="w-3.5 bg-text" style={{ height: width }} />
        </button>
      ))}
      {hasText(selected.tool) && (
        <input
          aria-label={t("draw.text")}
          placeholder={t("draw.text")}
          value={selected.text}
          maxLength={LIMITS.textLength}
          onChange={(event) => drawings.restyle({ text: event.target.value })}
          className="h-7 w-40 rounded-input border border-line-strong bg-surface px-2 text-12"
        />
      )}
      <IconButton size="sm" label={t("draw.remove")} icon={<Trash2 size={16} strokeWidth={1.5} aria-hidden />} onClick={() => drawings.remove(selected.id)} />
    </div>
  )
}
