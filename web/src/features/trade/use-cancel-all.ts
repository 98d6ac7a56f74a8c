import { create } from "zustand"

interface CancelAllState {
  /** What the question is about: a market, all of them (null), or nothing is asked (undefined). */
  scope: string | null | undefined
  ask: (scope: string | null | undefined) => void
}

/** The question before all orders are cancelled: a button and a key open it, the page shows it. */
export const useCancelAll = create<CancelAllState>((set) => ({ scope: undefined, ask: (scope) => set({ scope }) }))
