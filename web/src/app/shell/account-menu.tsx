import { useNavigate } from "@tanstack/react-router"
import { CircleUserRound, Keyboard, LogOut, Palette, ShieldCheck, Wallet } from "lucide-react"
import { useTranslation } from "react-i18next"
import { Avatar } from "@/components/avatar"
import { Menu, type MenuItem } from "@/components/menu"
import { Skeleton } from "@/components/skeleton"
import { type Profile, useProfile, useSubAccounts } from "../data/person"
import { openPanel } from "../panels"
import { logOut, switchAccount, useActing } from "../presence"

/** The person's menu: their places, their accounts, how the app looks, and out. */
export function AccountMenu() {
  const { t } = useTranslation("common")
  const profile = useProfile()
  const items = useItems(profile)
  return (
    <Menu
      items={items}
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={t("menu.open")}
          className="grid size-8 place-items-center rounded-full hover:bg-raised"
        >
          {profile ? (
            <Avatar handle={profile.handle} avatarUrl={profile.avatar?.small ?? null} size={24} />
          ) : (
            <CircleUserRound aria-hidden size={20} strokeWidth={1.5} className="text-muted" />
          )}
        </button>
      }
    />
  )
}

const ICON = { "aria-hidden": true, size: 15, strokeWidth: 1.5 } as const

function useItems(profile: Profile | null): readonly MenuItem[] {
  const { t } = useTranslation("common")
  const navigate = useNavigate()
  const accounts = useAccountItems()
  // What comes later keeps its place, so that no item moves away under a pointer.
  const name = profile ? profile.display_name || profile.handle : <Skeleton w="6rem" h="0.75rem" />
  return [
    { heading: name },
    { label: t("nav.account"), icon: <CircleUserRound {...ICON} />, onSelect: () => void navigate({ to: "/account" }) },
    { label: t("nav.wallet"), icon: <Wallet {...ICON} />, onSelect: () => void navigate({ to: "/wallet" }) },
    ...(profile && profile.roles.length > 0
      ? [{ label: t("nav.admin"), icon: <ShieldCheck {...ICON} />, onSelect: () => void navigate({ to: "/admin" }) }]
      : []),
    ...accounts,
    { separator: true },
    { label: t("menu.display"), icon: <Palette {...ICON} />, onSelect: () => openPanel("display") },
    { label: t("menu.keys"), icon: <Keyboard {...ICON} />, aside: "?", onSelect: () => openPanel("keys") },
    { separator: true },
    { label: t("menu.logout"), icon: <LogOut {...ICON} className="rtl:-scale-x-100" />, onSelect: () => void logOut() },
  ]
}

/** The choice between the first account and the sub-accounts, for who has any. */
function useAccountItems(): readonly MenuItem[] {
  const { t } = useTranslation("common")
  const open = useSubAccounts().filter((each) => each.status !== "closed")
  const acting = useActing((state) => state.accountId)
  if (open.length === 0) return []
  return [
    { separator: true },
    { heading: t("menu.actsOn") },
    { label: t("menu.firstAccount"), checked: acting === null, onSelect: () => switchAccount(null) },
    ...open.map((each) => ({
      label: each.label,
      checked: acting === each.account_id,
      disabled: each.status === "opening",
      onSelect: () => switchAccount(each.account_id),
    })),
  ]
}
