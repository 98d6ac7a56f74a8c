/** What staff may do to a person; each shows itself to who may do it. */

import { type components, told } from "@cse/core"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import type { Act } from "./act-dialog"
import { FeeTierAct } from "./fee-tier-act"

type Found = components["schemas"]["PersonAnswer"]
const ROLES = ["creator", "support", "risk", "finance", "admin"] as const
type Role = (typeof ROLES)[number]

interface Props {
  found: Found
  permissions: readonly string[]
  onAct: (act: Act) => void
}

export function PersonActs({ found, permissions, onAct }: Props) {
  const { t } = useTranslation("admin")
  const may = (permission: string): boolean => permissions.includes(permission)
  const acts = useActs(found)
  const frozen = found.person.status === "frozen"
  return (
    <section aria-label={t("users.acts")} className="flex flex-wrap items-start gap-2">
      {may("account.freeze") && found.person.status !== "closed" && (
        <Button variant={frozen ? "secondary" : "danger"} size="sm" onClick={() => onAct(acts.status(frozen ? "open" : "frozen"))}>
          {t(frozen ? "users.unfreeze.do" : "users.freeze.do")}
        </Button>
      )}
      {may("people.reset_factors") && found.factors.length > 0 && (
        <Button variant="secondary" size="sm" onClick={() => onAct(acts.resetFactors())}>
          {t("users.resetFactors.do")}
        </Button>
      )}
      {may("fees.set") && <FeeTierAct accountId={found.person.account_id} onAct={onAct} />}
      {may("roles.set") &&
        ROLES.map((role) => {
          const held = found.person.roles.includes(role)
          return (
            <Button key={role} variant="ghost" size="sm" onClick={() => onAct(acts.role(role, held))}>
              {t(held ? "users.role.take" : "users.role.give", { role })}
            </Button>
          )
        })}
    </section>
  )
}

function useActs({ person }: Found) {
  const { t } = useTranslation("admin")
  const about = { handle: person.handle }
  const user = { path: { user_id: person.user_id } }
  return {
    status: (status: "open" | "frozen"): Act => {
      const kind = status === "open" ? "unfreeze" : "freeze"
      const params = { path: { account_id: person.account_id } }
      return {
        title: t(`users.${kind}.title`, about),
        description: t(`users.${kind}.means`),
        confirm: t(`users.${kind}.do`),
        danger: status === "frozen",
        reasons: status === "frozen" ? ["suspected_takeover", "court_order", "asked_by_owner"] : ["cleared", "mistaken"],
        run: async (reason) => told(await api.POST("/api/admin/accounts/{account_id}/status", { params, body: { status, reason } })),
      }
    },
    resetFactors: (): Act => ({
      title: t("users.resetFactors.title", about),
      description: t("users.resetFactors.means"),
      confirm: t("users.resetFactors.do"),
      danger: true,
      reasons: ["lost_device", "proved_in_person"],
      run: async (reason) => told(await api.POST("/api/admin/users/{user_id}/reset-factors", { params: user, body: { reason } })),
    }),
    role: (role: Role, held: boolean): Act => {
      const params = { path: { ...user.path, role } }
      const path = "/api/admin/users/{user_id}/roles/{role}"
      return {
        title: t(held ? "users.role.takeTitle" : "users.role.giveTitle", { ...about, role }),
        description: t("users.role.means"),
        confirm: t(held ? "users.role.take" : "users.role.give", { role }),
        danger: held,
        reasons: held ? ["left", "changed_team"] : ["joined", "on_call"],
        run: async (reason) =>
          held ? told(await api.DELETE(path, { params, body: { reason } })) : told(await api.PUT(path, { params, body: { reason } })),
      }
    },
  }
}
