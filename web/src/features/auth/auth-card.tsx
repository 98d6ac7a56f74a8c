/** The frame of every page on which somebody comes in: one column, one thing to do. */

import type { ReactNode } from "react"
import { usePageTitle } from "@/app/page-title"

interface Props {
  title: string
  /** One sentence under the title. */
  lead?: ReactNode
  children: ReactNode
  /** The ways to other pages, under the form. */
  foot?: ReactNode
}

export function AuthCard({ title, lead, children, foot }: Props) {
  usePageTitle(title)
  return (
    <section className="mx-auto flex w-full max-w-sm flex-col gap-6 px-4 py-12 sm:py-20">
      <header className="flex flex-col gap-2">
        <h1 className="font-display text-28 text-balance">{title}</h1>
        {lead && <p className="text-muted">{lead}</p>}
      </header>
      {children}
      {foot && <footer className="flex flex-col gap-2 border-t border-line pt-4 text-13 text-muted">{foot}</footer>}
    </section>
  )
}
