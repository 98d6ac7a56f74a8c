import { useTranslation } from "react-i18next"
import { Skeleton } from "@/components/skeleton"

/** While a page's program loads: a heading and lines where they will be. */
export function PagePending() {
  const { t } = useTranslation("common")
  return (
    <div data-page-pending role="status" className="mx-auto flex w-full max-w-6xl flex-col gap-3 px-4 py-8">
      <span className="sr-only">{t("state.loading")}</span>
      <Skeleton w={220} h={32} />
      <Skeleton w="60%" h={16} />
      <Skeleton h={280} className="mt-4" />
    </div>
  )
}
