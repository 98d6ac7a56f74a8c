import { Star } from "lucide-react"
import { useTranslation } from "react-i18next"
import { usePreferences } from "@/app/preferences"

/** Keeps a market among the favourites of this device, or not. */
export function toggleFavourite(market: string): void {
  const { favourites, set } = usePreferences.getState()
  set({ favourites: favourites.includes(market) ? favourites.filter((each) => each !== market) : [...favourites, market] })
}

/** The star of a row. */
export function Favourite({ market }: { market: string }) {
  const { t } = useTranslation("markets")
  const on = usePreferences((state) => state.favourites.includes(market))
  return (
    <button
      type="button"
      aria-pressed={on}
      aria-label={t("favourite", { market })}
      onClick={() => toggleFavourite(market)}
      className="grid size-6 place-items-center rounded-input text-faint hover:text-text aria-pressed:text-warn"
    >
      <Star aria-hidden size={14} strokeWidth={1.5} fill={on ? "currentColor" : "none"} />
    </button>
  )
}
