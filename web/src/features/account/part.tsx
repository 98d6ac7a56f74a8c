/** A part of a section: what it is about, one sentence, and what can be done. */

import { type ReactNode, useId } from "react"

interface Props {
  title: string
  about?: ReactNode
  children: ReactNode
}

export function Part({ title, about, children }: Props) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4 border-t border-line pt-6 first:border-t-0 first:pt-0">
      <header className="flex flex-col gap-1">
        <h2 id={id} className="text-16 font-medium">
          {title}
        </h2>
        {about && <p className="max-w-prose text-13 text-muted">{about}</p>}
      </header>
      {children}
    </section>
  )
}
