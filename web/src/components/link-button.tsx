import { createLink } from "@tanstack/react-router"
import type { ComponentProps } from "react"
import { type ButtonSize, type ButtonVariant, buttonClasses } from "./control-classes"

interface Looks extends ComponentProps<"a"> {
  variant?: ButtonVariant | undefined
  size?: ButtonSize | undefined
}

function Anchor({ variant, size, className, ...rest }: Looks) {
  // oxlint-disable-next-line jsx-a11y/anchor-has-content -- its children come with the rest
  return <a {...rest} className={buttonClasses(variant, size, className)} />
}

/** A link to a page of the app that looks like a button: `<LinkButton to="/markets" variant="primary">`. */
export const LinkButton = createLink(Anchor)
