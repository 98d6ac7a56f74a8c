/** Indicators that this person marked or used last, kept in this browser. */

import { create } from "zustand"
import { persist } from "zustand/middleware"

export const MAX_FAVOURITES = 50
export const MAX_RECENT = 8

interface Shelf {
  favourites: readonly string[]
  /** The last used first. */
  recent: readonly string[]
  toggle(name: string): void
  used(name: string): void
}

const names = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : []

export const useShelf = create<Shelf>()(
  persist(
    (set) => ({
      favourites: [],
      recent: [],
      toggle: (name) =>
        set(({ favourites }) => ({
          favourites: favourites.includes(name)
            ? favourites.filter((each) => each !== name)
            : [...favourites, name].slice(-MAX_FAVOURITES),
        })),
      used: (name) =>
        set(({ recent }) => ({ recent: [name, ...recent.filter((each) => each !== name)].slice(0, MAX_RECENT) })),
    }),
    {
      name: "cse.indicators",
      version: 1,
      partialize: ({ favourites, recent }) => ({ favourites, recent }),
      merge: (kept, fresh) => {
        const read = (typeof kept === "object" && kept !== null ? kept : {}) as Record<string, unknown>
        return { ...fresh, favourites: names(read.favourites), recent: names(read.recent) }
      },
    },
  ),
)
