import { useRouter } from "@tanstack/react-router"
import { useEffect, useState } from "react"

/** Pages name themselves after they were drawn, and dialogs give the focus back first: so often, ms, it is looked again. */
const LOOK_MS = 50
const LOOKS = 40
/** What closes when it loses the focus: opened by the person while a slow page came, it keeps it. */
const OPEN = "[role=dialog], [role=menu], [role=listbox]"

/**
 * After a step to another page the focus goes to its heading, which screen readers then read, unless it is in the page
 * already (tabs and filters in the address); the page's title is told, too.
 */
export function Arrival() {
  const router = useRouter()
  const [title, setTitle] = useState("")
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = (left: number): void => {
      timer = setTimeout(() => {
        if (document.querySelector("#content [data-page-pending]") !== null) return look(left)
        const heading = shownHeading()
        const isBusy = document.querySelector(OPEN) !== null
        if ((heading === null || isBusy) && left > 0) return look(left - 1)
        setTitle(document.title)
        if (!isBusy) focusOn(heading)
      }, LOOK_MS)
    }
    const end = router.subscribe("onRendered", ({ fromLocation, toLocation }) => {
      if (!fromLocation || fromLocation.pathname === toLocation.pathname) return
      clearTimeout(timer)
      look(LOOKS)
    })
    return () => {
      clearTimeout(timer)
      end()
    }
  }, [router])
  return (
    <p role="status" className="sr-only">
      {title}
    </p>
  )
}

/** The page's heading; while a page's program loads, the page before it is still there, but hidden. */
function shownHeading(): HTMLElement | null {
  const all = [...document.querySelectorAll<HTMLElement>("#content h1")]
  return all.find((each) => each.checkVisibility()) ?? null
}

function focusOn(heading: HTMLElement | null): void {
  const page = document.getElementById("content")
  if (!page || (page !== document.activeElement && page.contains(document.activeElement))) return
  const target = heading ?? page
  target.tabIndex = -1
  target.focus({ preventScroll: true })
}
