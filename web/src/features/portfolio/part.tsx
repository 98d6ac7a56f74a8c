import { type ReactNode, useId } from "react"

interface Props {
  title: string
  about?: ReactNode
  /** At the end of the heading's row: choices, downloads. */
  aside?: ReactNode
  children: ReactNode
}

/** A part of a page: a heading, what can be chosen, and hairlines below. */
export function Part({ title, about, aside, children }: Props) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex min-w-0 flex-col gap-3">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-col gap-1">
          <h2 id={id} className="text-16 font-medium">
            {title}
          </h2>
          {about !== undefined && <div className="max-w-prose text-13 text-muted">{about}</div>}
        </div>
        {aside !== undefined && <div className="flex flex-wrap items-center gap-2">{aside}</div>}
      </header>
      {children}
    </section>
  )
}
