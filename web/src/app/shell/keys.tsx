const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
}
const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent)

/** Keys as they stand on the keyboard. */
export function Keys({ keys }: { keys: string }) {
  const pressed = keys.split(" ").map((chord) =>
    chord === "+" ? ["+"] : chord.split("+").map((key) => (key === "Mod" ? (IS_MAC ? "⌘" : "Ctrl") : (NAMES[key] ?? key))),
  )
  return (
    <span dir="ltr" className="inline-flex gap-1">
      {pressed.flat().map((key) => (
        <kbd key={key} className="kbd">
          {key.length === 1 ? key.toUpperCase() : key}
        </kbd>
      ))}
    </span>
  )
}
