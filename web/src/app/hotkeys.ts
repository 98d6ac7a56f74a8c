/** Keys of the app: registered where they act, listed under `?`, silent while somebody types. */

import { useEffect, useEffectEvent } from "react"
import { create } from "zustand"

export interface Hotkey {
  id: string
  /** "b", "Shift+b", "Mod+k" (Ctrl, or Cmd on a Mac), "g m" (one after the other), "Escape". */
  keys: string
  /** The text that says what it does; with its namespace if that is not common: "trade:hotkeys.buy". */
  labelKey: string
  /** Its heading in the list: a key of common's `hotkeys.groups`, such as "app" or "trade". */
  group: string
}

export type HotkeyAbout = Omit<Hotkey, "keys">

interface Registered extends Hotkey {
  act: (event: KeyboardEvent) => void
}

const useRegistered = create<{ hotkeys: readonly Registered[] }>(() => ({ hotkeys: [] }))

/** How long the second key of a pair may take, ms. */
const PAIR_MS = 1_200

/** Lets a key act while the caller is mounted. `keys` null: not now. The latest caller of the same keys has them. */
export function useHotkey(keys: string | null, handler: (event: KeyboardEvent) => void, about: HotkeyAbout): void {
  const act = useEffectEvent(handler)
  const { id, labelKey, group } = about
  useEffect(() => {
    if (keys === null) return
    const mine: Registered = { id, keys, labelKey, group, act: (event) => act(event) }
    useRegistered.setState(({ hotkeys }) => ({ hotkeys: [...hotkeys, mine] }))
    return () => useRegistered.setState(({ hotkeys }) => ({ hotkeys: hotkeys.filter((each) => each !== mine) }))
  }, [keys, id, labelKey, group])
}

/** Every key that acts now. */
export function useHotkeys(): readonly Hotkey[] {
  return useRegistered((state) => state.hotkeys)
}

let before: { keys: string; atMs: number } | null = null

/** Hears keys of the whole page; returns what ends that. */
export function listenForHotkeys(): () => void {
  window.addEventListener("keydown", hear)
  return () => window.removeEventListener("keydown", hear)
}

function hear(event: KeyboardEvent): void {
  const pressed = event.defaultPrevented || event.isComposing ? null : nameOf(event)
  if (pressed === null || !isFree(event, pressed)) return
  const found = after(before, pressed, event.timeStamp)
  before = found ? null : { keys: pressed, atMs: event.timeStamp }
  if (!found) return
  event.preventDefault()
  found.act(event)
}

/** Keys with Ctrl or Cmd always act; others only while nobody types and no dialog has the keyboard. */
function isFree(event: KeyboardEvent, pressed: string): boolean {
  if (pressed.startsWith("Mod+")) return true
  return !isBusy() && (pressed === "Escape" || !isTyping(event.target))
}

/** Finds what a key does, as the second of a pair first. */
function after(first: typeof before, pressed: string, atMs: number): Registered | undefined {
  const { hotkeys } = useRegistered.getState()
  const pair = first !== null && atMs - first.atMs < PAIR_MS ? `${first.keys} ${pressed}` : null
  return hotkeys.findLast((each) => each.keys === pair) ?? hotkeys.findLast((each) => each.keys === pressed)
}

/** The name of what was pressed as `keys` writes it; null for a modifier alone. */
function nameOf(event: KeyboardEvent): string | null {
  const { key } = event
  if (key === "Control" || key === "Shift" || key === "Meta" || key === "Alt") return null
  const letter = /^[a-z]$/i.test(key)
  const mod = event.ctrlKey || event.metaKey ? "Mod+" : ""
  const alt = event.altKey ? "Alt+" : ""
  // "?" and the like need Shift on some keyboards and none on others: the sign alone counts.
  const shift = event.shiftKey && (letter || key.length > 1) ? "Shift+" : ""
  return mod + alt + shift + (letter ? key.toLowerCase() : key)
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type)
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** A dialog, a menu or a list has the keyboard. */
function isBusy(): boolean {
  return document.querySelector("[role=dialog],[role=alertdialog],[role=menu]") !== null
}
