import { useSyncExternalStore } from "react"

export type WindowForm = "phone" | "tablet" | "desk"

const tablet = matchMedia("(min-width: 760px)")
const desk = matchMedia("(min-width: 1280px)")

function subscribe(changed: () => void): () => void {
  tablet.addEventListener("change", changed)
  desk.addEventListener("change", changed)
  return () => {
    tablet.removeEventListener("change", changed)
    desk.removeEventListener("change", changed)
  }
}

/** Which of the three layouts the window has room for. */
export function useWindowForm(): WindowForm {
  return useSyncExternalStore(subscribe, () => (desk.matches ? "desk" : tablet.matches ? "tablet" : "phone"))
}
