/** The bar at the bottom of phones: the shell's own, unless a page brings its own (the terminal does). */

import { useEffect } from "react"
import { create } from "zustand"

export const useBottomBar = create<{ taken: number }>(() => ({ taken: 0 }))

/** Hides the shell's bottom bar while the caller is mounted. */
export function useOwnBottomBar(): void {
  useEffect(() => {
    useBottomBar.setState(({ taken }) => ({ taken: taken + 1 }))
    return () => useBottomBar.setState(({ taken }) => ({ taken: taken - 1 }))
  }, [])
}
