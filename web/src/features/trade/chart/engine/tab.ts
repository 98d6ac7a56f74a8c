/** Whether this tab is seen. */

export const TAB = {
  hidden: () => document.hidden,
  onChange: (listener: () => void) => {
    document.addEventListener("visibilitychange", listener)
    return () => document.removeEventListener("visibilitychange", listener)
  },
}
