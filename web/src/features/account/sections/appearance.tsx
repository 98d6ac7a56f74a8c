/** How the app looks, sounds and asks on this device. */

import { useTranslation } from "react-i18next"
import { usePreferences } from "@/app/preferences"
import { DisplayChoices } from "@/app/shell/display-choices"
import { Change } from "@/components/change"
import { Price } from "@/components/price"
import { Switch } from "@/components/switch"
import { Part } from "../part"

export default function AppearanceSection() {
  const { t } = useTranslation("account")
  const { confirmOrders, set } = usePreferences()
  return (
    <>
      <Part title={t("appearance.look")} about={t("appearance.lookAbout")}>
        <div className="flex items-center gap-6 rounded-popover border border-line p-4">
          <span className="num text-20">
            <Price value="1.2431" from="1.2057" />
          </span>
          <Change from="1.2057" to="1.2431" />
          <Change from="1.2431" to="1.2057" />
        </div>
        <div className="max-w-lg">
          <DisplayChoices />
        </div>
      </Part>
      <Part title={t("appearance.orders")}>
        <Switch
          checked={confirmOrders}
          onChange={(on) => set({ confirmOrders: on })}
          label={t("appearance.confirm")}
          hint={t("appearance.confirmHint")}
        />
      </Part>
    </>
  )
}
