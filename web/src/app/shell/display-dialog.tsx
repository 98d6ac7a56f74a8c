import { useTranslation } from "react-i18next"
import { Dialog } from "@/components/dialog"
import { openPanel } from "../panels"
import { DisplayChoices } from "./display-choices"

/** How the app looks, sounds and speaks, from wherever one is. */
export default function DisplayDialog() {
  const { t } = useTranslation("display")
  return (
    <Dialog open onOpenChange={() => openPanel(null)} title={t("common:display.title")} description={t("about")}>
      <DisplayChoices />
    </Dialog>
  )
}
