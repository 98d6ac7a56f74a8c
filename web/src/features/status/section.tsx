import type { ReactNode } from "react"

/** A part of the page: its heading, and hairlined rows below. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-10">
      <h2 className="mb-2 text-13 font-medium">{title}</h2>
      <ul className="border-t border-line">{children}</ul>
    </section>
  )
}

export interface StateRowProps {
  name: ReactNode
  about?: ReactNode
  state: ReactNode
  tone: "good" | "warn" | "danger" | "muted"
}

const DOTS = { good: "bg-good", warn: "bg-warn", danger: "bg-danger", muted: "bg-faint" }

/** One thing and how it is. */
export function StateRow({ name, about, state, tone }: StateRowProps) {
  return (
    <li className="flex items-center justify-between gap-4 border-b border-line py-2.5 text-13">
      <div className="min-w-0">
        <p>{name}</p>
        {about ? <p className="text-12 text-muted">{about}</p> : null}
      </div>
      <p className="flex shrink-0 items-center gap-2 text-12 text-muted">
        <span aria-hidden className={`size-1.5 rounded-full ${DOTS[tone]}`} />
        {state}
      </p>
    </li>
  )
}
