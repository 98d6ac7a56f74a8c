/** The parts of the portfolio, each loaded when it is opened. */

import { type ComponentType, lazy, type LazyExoticComponent } from "react"

export interface Section {
  /** The word in the address and the key of its title. */
  key: string
  page: LazyExoticComponent<ComponentType>
}

const section = (key: string, load: () => Promise<{ default: ComponentType }>): Section => ({ key, page: lazy(load) })

export const SECTIONS: readonly Section[] = [
  section("overview", () => import("./overview/overview")),
  section("history", () => import("./history/history")),
  section("ledger", () => import("./ledger/ledger")),
  section("statements", () => import("./statements/statements")),
]
