/** Keys of a chart: they act while the person's last press or focus was in it, so that Ctrl-Z in a form stays the form's. */

import { type RefObject, useEffect, useState } from "react"
import { type HotkeyAbout, useHotkey } from "@/app/hotkeys"
import type { Drawings } from "./drawing/drawings"
import { useDrawingState } from "./use-engine"

export function ChartKeys({ root, drawings }: { root: RefObject<HTMLElement | null>; drawings: Drawings }) {
  const inside = useInside(root)
  const { canUndo, canRedo, tool, selected } = useDrawingState(drawings)
  useHotkey(inside && canUndo ? "Mod+z" : null, () => drawings.undo(), about("undo"))
  useHotkey(inside && canRedo ? "Mod+Shift+z" : null, () => drawings.redo(), about("redo"))
  useHotkey(inside && tool !== null ? "Escape" : null, () => drawings.use(null), about("pointer"))
  useHotkey(inside && selected !== null ? "Delete" : null, () => selected && drawings.remove(selected.id), about("remove"))
  return null
}

function about(id: string): HotkeyAbout {
  return { id: `chart.${id}`, labelKey: `chart:keys.${id}`, group: "trade" }
}

function useInside(root: RefObject<HTMLElement | null>): boolean {
  const [inside, setInside] = useState(false)
  useEffect(() => {
    const look = (event: Event): void => setInside(event.target instanceof Node && (root.current?.contains(event.target) ?? false))
    document.addEventListener("pointerdown", look, true)
    document.addEventListener("focusin", look)
    return () => {
      document.removeEventListener("pointerdown", look, true)
      document.removeEventListener("focusin", look)
    }
  }, [root])
  return inside
}
