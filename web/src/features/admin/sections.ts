/** The rooms of the office: who may enter which. The exchange checks each call again; this only spares dead ends. */

import { type ComponentType, lazy, type LazyExoticComponent } from "react"

export interface Section {
  /** The word in the address and the key of its title. */
  key: string
  /** A person with any of these sees it. */
  permissions: readonly string[]
  page: LazyExoticComponent<ComponentType<{ id?: string }>>
}

const section = (
  key: string,
  permissions: readonly string[],
  load: () => Promise<{ default: ComponentType<{ id?: string }> }>,
): Section => ({ key, permissions, page: lazy(load) })

export const SECTIONS: readonly Section[] = [
  section("system", ["system.read"], () => import("./sections/system")),
  section("markets", ["market.read"], () => import("./sections/markets")),
  section("approvals", ["approvals.read"], () => import("./sections/approvals")),
  section("users", ["people.read"], () => import("./sections/users")),
  section("identity", ["identity.review"], () => import("./sections/identity")),
  section("sanctions", ["identity.holds"], () => import("./sections/sanctions")),
  section("fees", ["fees.read"], () => import("./sections/fees")),
  section("house", ["house.transfer"], () => import("./sections/house")),
  section("audit", ["audit.read"], () => import("./sections/audit")),
]

/** Returns the sections that somebody with these permissions may see. */
export function sectionsFor(permissions: readonly string[]): Section[] {
  return SECTIONS.filter((each) => each.permissions.some((needed) => permissions.includes(needed)))
}
