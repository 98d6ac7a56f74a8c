/** The parts of the account, each loaded when it is opened. */

import { type ComponentType, lazy, type LazyExoticComponent } from "react"

export interface Section {
  /** The word in the address and the key of its title. */
  key: string
  page: LazyExoticComponent<ComponentType>
}

const section = (key: string, load: () => Promise<{ default: ComponentType }>): Section => ({ key, page: lazy(load) })

export const SECTIONS: readonly Section[] = [
  section("profile", () => import("./sections/profile")),
  section("security", () => import("./sections/security")),
  section("keys", () => import("./sections/keys")),
  section("limits", () => import("./sections/limits")),
  section("sub-accounts", () => import("./sections/sub-accounts")),
  section("notifications", () => import("./sections/notifications")),
  section("appearance", () => import("./sections/appearance")),
  section("data", () => import("./sections/data")),
]
