/**
 * A search opens a moment after it was asked for: its program may still be on its way. What is typed meanwhile is kept
 * for its field and does nothing else, since the same letters are keys that change the order ticket.
 */

import { type RefObject, useEffect, useEffectEvent } from "react"

interface Kept {
  text: string
  enter: boolean
}

/** A search that has not come by then does not take the keyboard any longer, ms. */
const PATIENCE_MS = 5_000

let kept: Kept | null = null
let timer = 0

/** Keeps what is typed from now on, until the field takes it; without one, for five seconds or until Escape. */
export function keepTyped(): void {
  stop()
  kept = { text: "", enter: false }
  window.addEventListener("keydown", keep, { capture: true })
  timer = window.setTimeout(stop, PATIENCE_MS)
}

/** Ends it; returns what was typed. */
export function stop(): Kept | null {
  const typed = kept
  kept = null
  window.clearTimeout(timer)
  window.removeEventListener("keydown", keep, { capture: true })
  return typed
}

function keep(event: KeyboardEvent): void {
  if (kept === null || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === "Escape") return void stop()
  const next = after(kept, event.key)
  if (next === null) return
  kept = next
  event.preventDefault()
  event.stopImmediatePropagation()
}

/** What is kept once this key was pressed, too; null for a key that writes nothing. */
export function after(typed: Kept, key: string): Kept | null {
  if (typed.enter) return typed
  if (key === "Enter") return { ...typed, enter: true }
  if (key === "Backspace") return { ...typed, text: typed.text.slice(0, -1) }
  return [...key].length === 1 ? { ...typed, text: typed.text + key } : null
}

/** Gives a search's field what was typed before it was there, and presses Enter where that was pressed. */
export function useTyped(field: RefObject<HTMLInputElement | null>, write: (text: string) => void): void {
  const take = useEffectEvent(() => {
    const typed = stop()
    if (typed?.text) write(typed.text)
    if (typed?.enter) requestAnimationFrame(() => field.current?.dispatchEvent(ENTER()))
  })
  useEffect(() => take(), [])
}

const ENTER = (): KeyboardEvent => new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })
