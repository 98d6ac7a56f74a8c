/** What lies above the page loads when it is first opened, and stays for its next time. */

import { type ReactNode, Suspense, useState } from "react"

export function OnceOpen({ open, children }: { open: boolean; children: ReactNode }) {
  const [was, setWas] = useState(open)
  if (open && !was) setWas(true)
  return was ? <Suspense fallback={null}>{children}</Suspense> : null
}
