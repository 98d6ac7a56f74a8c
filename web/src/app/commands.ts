/** What the command palette (Ctrl-K) can do: pages register their commands while they are mounted. */

import { useEffect, useMemo, useRef } from "react"
import { create } from "zustand"

export interface Command {
  id: string
  label: string
  run: () => void
  /** Further words to find it by. */
  keywords?: readonly string[] | undefined
  /** Its heading, ready to read; those without one stand under "Actions". */
  group?: string | undefined
  /** Its key, if it has one, as hotkeys write it. */
  keys?: string | undefined
}

interface Registry {
  sets: readonly (readonly Command[])[]
}

const useRegistry = create<Registry>(() => ({ sets: [] }))

/** Offers commands while the caller is mounted. They may be made anew in each render. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands)
  useEffect(() => {
    latest.current = commands
  })
  const shape = commands.map((each) => `${each.id}\u0000${each.label}`).join("\u0001")
  const stable = useMemo(() => {
    if (shape === "") return []
    return shape.split("\u0001").map((line): Command => {
      const [id = "", label = ""] = line.split("\u0000")
      const now = (): Command | undefined => latest.current.find((each) => each.id === id)
      return {
        id,
        label,
        run: () => now()?.run(),
        get keywords() {
          return now()?.keywords
        },
        get group() {
          return now()?.group
        },
        get keys() {
          return now()?.keys
        },
      }
    })
  }, [shape])
  useEffect(() => {
    if (stable.length === 0) return
    useRegistry.setState(({ sets }) => ({ sets: [...sets, stable] }))
    return () => useRegistry.setState(({ sets }) => ({ sets: sets.filter((each) => each !== stable) }))
  }, [stable])
}

/** Every command there is now; of two with the same id the latest. */
export function useAllCommands(): readonly Command[] {
  const sets = useRegistry((registry) => registry.sets)
  return useMemo(() => [...new Map(sets.flat().map((each) => [each.id, each])).values()], [sets])
}
