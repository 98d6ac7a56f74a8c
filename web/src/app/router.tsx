/** Every address of the app; pages load when they are first visited. The server knows the same list (gateway/http). */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router"
import { session } from "./exchange"
import { NotFound } from "./not-found"
import { PageError } from "./page-error"
import { PagePending } from "./page-pending"
import { Shell } from "./shell"

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageError })

const at = <P extends string>(path: P, page: Parameters<typeof lazyRouteComponent>[0]) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(page) })

/** Pages for people who are logged in: others log in first and come back. */
const own = <P extends string>(path: P, page: Parameters<typeof lazyRouteComponent>[0]) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(page),
    beforeLoad: async ({ location }) => {
      if ((await session.token()) === null) throw redirect({ to: "/login", search: { next: location.href } })
    },
  })

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: lazyRouteComponent(() => import("@/features/auth/login-page")),
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const { next } = search
    // Only our own pages: never "//elsewhere" or a scheme.
    return typeof next === "string" && /^\/(?![/\\])/.test(next) ? { next } : {}
  },
})

/** The components at a glance, while one works on them; builds for people do not have it. */
const DESIGN = "/design"

const routes = root.addChildren([
  ...(import.meta.env.DEV ? [at(DESIGN, () => import("./design/page"))] : []),
  at("/", () => import("@/features/home/page")),
  at("/markets", () => import("@/features/markets/page")),
  at("/trade", () => import("@/features/trade/any-market")),
  at("/trade/$market", () => import("@/features/trade/page")),
  at("/creators", () => import("@/features/creator/list-page")),
  at("/people/$handle", () => import("@/features/creator/person-page")),
  own("/portfolio", () => import("@/features/portfolio/page")),
  own("/portfolio/$section", () => import("@/features/portfolio/page")),
  own("/wallet", () => import("@/features/wallet/page")),
  own("/account", () => import("@/features/account/page")),
  own("/account/$section", () => import("@/features/account/page")),
  own("/admin", () => import("@/features/admin/page")),
  own("/admin/$section", () => import("@/features/admin/page")),
  own("/admin/$section/$id", () => import("@/features/admin/page")),
  login,
  at("/signup", () => import("@/features/auth/signup-page")),
  at("/verify-email", () => import("@/features/auth/verify-email-page")),
  at("/confirm-email", () => import("@/features/auth/confirm-email-page")),
  at("/forgot-password", () => import("@/features/auth/forgot-password-page")),
  at("/reset-password", () => import("@/features/auth/reset-password-page")),
  at("/oauth/callback/$provider", () => import("@/features/auth/oauth-callback-page")),
  at("/status", () => import("@/features/status/page")),
])

export const router = createRouter({
  routeTree: routes,
  defaultPreload: "intent",
  defaultPendingComponent: PagePending,
  defaultPendingMs: 200,
  scrollRestoration: true,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}
