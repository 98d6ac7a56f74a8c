/** Which of the shell's own dialogs is open: one at a time, opened from menus, keys and the palette. */

import { create } from "zustand"
import { keepTyped, stop } from "./type-ahead"

export type Panel = "palette" | "keys" | "display"

export const usePanel = create<{ open: Panel | null }>(() => ({ open: null }))

export function openPanel(panel: Panel | null): void {
  if (panel === "palette") keepTyped()
  else stop()
  usePanel.setState({ open: panel })
}
