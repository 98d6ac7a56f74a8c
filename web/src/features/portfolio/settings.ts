/** How this person likes the portfolio on this device. */

import { create } from "zustand"
import { persist } from "zustand/middleware"
import type { Method, Range } from "./data"

interface Settings {
  method: Method
  /** null: as long as the account is old, up to a week. */
  range: Range | null
  set: (change: Partial<Pick<Settings, "method" | "range">>) => void
}

export const usePortfolioSettings = create<Settings>()(
  persist((set) => ({ method: "fifo", range: null, set: (change) => set(change) }), { name: "cse.portfolio", version: 1 }),
)
