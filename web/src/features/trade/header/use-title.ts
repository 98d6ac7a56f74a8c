import { formatDecimal } from "@cse/core"
import { useTranslation } from "react-i18next"
import { useTicker } from "@/app/data/markets"
import { usePageTitle } from "@/app/page-title"

/** Lets the tab's title carry the price while the page is there. */
export function useTitle(market: string): void {
  const { i18n } = useTranslation("trade")
  const last = useTicker(market)?.last ?? null
  const price = last === null ? "" : `${formatDecimal(last, i18n.language)} · `
  usePageTitle(price + market.replace("-", "/"))
}
