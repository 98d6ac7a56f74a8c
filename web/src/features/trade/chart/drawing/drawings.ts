/** The drawings on a chart: made with a tool, moved, styled, taken back, and told of when they changed. */

import type { Chart, Overlay, OverlayCreate, OverlayMode } from "klinecharts"
import { onTokens, readTokens } from "../engine/tokens"
import { LIMITS } from "../layouts/schema"
import type { Drawing, DrawingColor, Tool } from "./drawing"
import { begin, type History, redo, step, undo } from "./history"
import { registerTools } from "./more-tools"
import { type Carried, drawingOf, GROUP, overlayOf, stylesOf, textOf } from "./overlays"

export type Magnet = "normal" | "weak_magnet" | "strong_magnet"

/** What a toolbar shows; a new object after every change. */
export interface DrawingState {
  tool: Tool | null
  magnet: Magnet
  locked: boolean
  hidden: boolean
  selected: Drawing | null
  count: number
  canUndo: boolean
  canRedo: boolean
  full: boolean
}

type Switches = Pick<DrawingState, "tool" | "magnet" | "locked" | "hidden"> & { selected: string | null }

export class Drawings {
  #history: History<readonly Drawing[]> = begin<readonly Drawing[]>([])
  #switches: Switches = { tool: null, magnet: "normal", locked: false, hidden: false, selected: null }
  #pen: Pick<Carried, "color" | "width"> = { color: "info", width: 1 }
  #progress: string | null = null
  #state: DrawingState
  readonly #listeners = new Set<() => void>()
  readonly #endTokens: () => void

  /** `changed` gets all drawings after the person changed one. */
  constructor(
    private readonly chart: Chart,
    private readonly changed: (drawings: readonly Drawing[]) => void,
  ) {
    registerTools()
    this.#state = this.#snapshot()
    this.#endTokens = onTokens(() => this.#paint())
  }

  close(): void {
    this.#endTokens()
    this.#listeners.clear()
  }

  get state(): DrawingState {
    return this.#state
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Shows other drawings than those there are; they cannot be taken back. */
  show(drawings: readonly Drawing[]): void {
    if (drawings === this.#history.present) return
    this.#history = begin(drawings)
    this.#switches = { ...this.#switches, selected: null }
    this.#paint()
  }

  /** Takes up a tool; null puts it away, and what was half drawn goes. */
  use(tool: Tool | null): void {
    if (this.#progress !== null) this.chart.removeOverlay({ id: this.#progress })
    this.#progress = null
    this.#set({ tool })
    if (tool === null || this.#state.full) return
    const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`
    this.#progress = id
    const carried = { ...this.#pen, text: "" }
    this.chart.createOverlay({
      ...this.#events(),
      id,
      name: tool,
      groupId: GROUP,
      mode: this.#switches.magnet,
      extendData: textOf(carried),
      styles: stylesOf(readTokens(), carried),
      onDrawEnd: ({ overlay }) => this.#drawn(overlay, carried),
    })
  }

  setMagnet(magnet: Magnet): void {
    this.#set({ magnet })
    const mode: OverlayMode = magnet
    for (const { id } of this.chart.getOverlays({ groupId: GROUP })) this.chart.overrideOverlay({ id, mode })
  }

  lock(locked: boolean): void {
    this.#set({ locked })
    for (const { id } of this.chart.getOverlays({ groupId: GROUP })) this.chart.overrideOverlay({ id, lock: locked })
  }

  hide(hidden: boolean): void {
    this.#set({ hidden })
    for (const { id } of this.chart.getOverlays({ groupId: GROUP })) this.chart.overrideOverlay({ id, visible: !hidden })
  }

  /** Changes how the selected drawing looks, or what it says; new ones then look so, too. */
  restyle(change: { color?: DrawingColor; width?: Drawing["width"]; text?: string }): void {
    const { color, width } = { ...this.#pen, ...change }
    this.#pen = { color, width }
    const { selected } = this.#switches
    if (selected === null) return
    this.#step(this.#history.present.map((each) => (each.id === selected ? { ...each, ...change } : each)))
    this.#paint()
  }

  remove(id: string): void {
    this.#switches = { ...this.#switches, selected: null }
    this.#step(this.#history.present.filter((each) => each.id !== id))
    this.#paint()
  }

  clear(): void {
    this.#switches = { ...this.#switches, selected: null }
    this.#step([])
    this.#paint()
  }

  undo(): void {
    this.#travel(undo(this.#history))
  }

  redo(): void {
    this.#travel(redo(this.#history))
  }

  #travel(history: History<readonly Drawing[]>): void {
    if (history === this.#history) return
    this.#history = history
    this.#switches = { ...this.#switches, selected: null }
    this.changed(history.present)
    this.#paint()
  }

  #drawn(overlay: Overlay, carried: Carried): void {
    this.#progress = null
    const made = drawingOf(overlay, carried)
    this.#switches = { ...this.#switches, tool: null, selected: made?.id ?? null }
    if (made) this.#step([...this.#history.present, made])
    this.#tell()
  }

  #moved(overlay: Overlay): void {
    const before = this.#history.present
    this.#step(before.map((each) => (each.id === overlay.id ? (drawingOf(overlay, each) ?? each) : each)))
  }

  #step(next: readonly Drawing[]): void {
    this.#history = step(this.#history, next)
    this.changed(next)
    this.#tell()
  }

  #events(): Pick<OverlayCreate, "onSelected" | "onDeselected" | "onPressedMoveEnd" | "onRightClick"> {
    return {
      onSelected: ({ overlay }) => this.#set({ selected: overlay.id }),
      onDeselected: ({ overlay }) => overlay.id === this.#switches.selected && this.#set({ selected: null }),
      onPressedMoveEnd: ({ overlay }) => this.#moved(overlay),
      onRightClick: (event) => event.preventDefault?.(), // the library would remove it without a word
    }
  }

  /** Puts all drawings on the chart anew, in the colours of now. */
  #paint(): void {
    this.chart.removeOverlay({ groupId: GROUP })
    const tokens = readTokens()
    const { locked, hidden, magnet } = this.#switches
    const shared = { ...this.#events(), lock: locked, visible: !hidden, mode: magnet }
    const all = this.#history.present.map((each) => ({ ...overlayOf(each, tokens), ...shared }))
    if (all.length > 0) this.chart.createOverlay(all)
    if (this.#progress !== null) this.use(this.#switches.tool)
    this.#tell()
  }

  #set(change: Partial<Switches>): void {
    this.#switches = { ...this.#switches, ...change }
    this.#tell()
  }

  #tell(): void {
    this.#state = this.#snapshot()
    for (const listener of this.#listeners) listener()
  }

  #snapshot(): DrawingState {
    const { present, past, future } = this.#history
    const { selected, ...switches } = this.#switches
    return {
      ...switches,
      selected: present.find(({ id }) => id === selected) ?? null,
      count: present.length,
      canUndo: past.length > 0,
      canRedo: future.length > 0,
      full: present.length >= LIMITS.drawings,
    }
  }
}
