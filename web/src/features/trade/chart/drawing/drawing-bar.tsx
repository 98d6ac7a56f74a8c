/** The column of drawing tools at the chart's start side; on a narrow chart it is left out, as there is no room to draw. */

import { Brush, Eye, EyeOff, Lock, LockOpen, Magnet as MagnetIcon, MessageSquareText, MousePointer2, Redo2, Ruler, Trash2, TrendingUp, Undo2, AlignJustify } from "lucide-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { IconButton } from "@/components/icon-button"
import { Menu } from "@/components/menu"
import { toast } from "@/components/toasts"
import { useDrawingState } from "../use-engine"
import { type Tool, TOOL_GROUPS, type ToolGroup, TOOLS } from "./drawing"
import type { Drawings, Magnet } from "./drawings"

const ICON = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const

const GROUP_ICONS: Record<ToolGroup, ReactNode> = {
  lines: <TrendingUp {...ICON} />,
  channels: <AlignJustify {...ICON} />,
  shapes: <Brush {...ICON} />,
  notes: <MessageSquareText {...ICON} />,
}
const NEXT_MAGNET: Record<Magnet, Magnet> = { normal: "weak_magnet", weak_magnet: "strong_magnet", strong_magnet: "normal" }

export function DrawingBar({ drawings }: { drawings: Drawings }) {
  const { t } = useTranslation("chart")
  const state = useDrawingState(drawings)
  const on = "bg-line text-brand"
  const removeAll = (): void => {
    drawings.clear()
    toast("info", t("draw.allRemoved"), undefined, { label: t("draw.undo"), run: () => drawings.undo() })
  }
  return (
    <div role="toolbar" aria-orientation="vertical" aria-label={t("draw.label")} className="hidden w-9 shrink-0 flex-col items-center gap-0.5 overflow-y-auto border-e border-line py-1 @lg:flex">
      <IconButton size="sm" label={t("draw.pointer")} aria-pressed={state.tool === null} className={state.tool === null ? on : ""} icon={<MousePointer2 {...ICON} />} onClick={() => drawings.use(null)} />
      {TOOL_GROUPS.map((group) => (
        <ToolMenu key={group} group={group} drawings={drawings} tool={state.tool} full={state.full} />
      ))}
      <IconButton size="sm" label={t("draw.tool.cse_measure")} disabled={state.full} className={state.tool === "cse_measure" ? on : ""} icon={<Ruler {...ICON} />} onClick={() => drawings.use("cse_measure")} />
      <hr className="my-1 w-5 border-line" />
      <IconButton size="sm" label={t(`draw.magnet.${state.magnet}`)} aria-pressed={state.magnet !== "normal"} className={state.magnet === "normal" ? "" : on} icon={<MagnetIcon {...ICON} />} onClick={() => drawings.setMagnet(NEXT_MAGNET[state.magnet])} />
      <IconButton size="sm" label={state.locked ? t("draw.unlock") : t("draw.lock")} aria-pressed={state.locked} className={state.locked ? on : ""} icon={state.locked ? <Lock {...ICON} /> : <LockOpen {...ICON} />} onClick={() => drawings.lock(!state.locked)} />
      <IconButton size="sm" label={state.hidden ? t("draw.show") : t("draw.hide")} aria-pressed={state.hidden} className={state.hidden ? on : ""} icon={state.hidden ? <EyeOff {...ICON} /> : <Eye {...ICON} />} onClick={() => drawings.hide(!state.hidden)} />
      <IconButton size="sm" label={t("draw.undo")} disabled={!state.canUndo} icon={<Undo2 {...ICON} />} onClick={() => drawings.undo()} />
      <IconButton size="sm" label={t("draw.redo")} disabled={!state.canRedo} icon={<Redo2 {...ICON} />} onClick={() => drawings.redo()} />
      <IconButton size="sm" label={t("draw.removeAll", { count: state.count })} disabled={state.count === 0} icon={<Trash2 {...ICON} />} onClick={removeAll} />
    </div>
  )
}

interface ToolMenuProps {
  group: ToolGroup
  drawings: Drawings
  tool: Tool | null
  full: boolean
}

function ToolMenu({ group, drawings, tool, full }: ToolMenuProps) {
  const { t } = useTranslation("chart")
  const tools: readonly Tool[] = TOOLS[group]
  const items = tools.map((each) => ({
    label: t(`draw.tool.${each}`),
    checked: each === tool,
    disabled: full,
    onSelect: () => drawings.use(each),
  }))
  const active = tool !== null && tools.includes(tool)
  return (
    <Menu
      align="start"
      trigger={<IconButton size="sm" label={t(`draw.group.${group}`)} icon={GROUP_ICONS[group]} className={active ? "bg-line text-brand" : ""} />}
      items={items}
    />
  )
}
