/** Joins class names, leaving out what is false: cx("a", open && "b"). */
export function cx(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ")
}
