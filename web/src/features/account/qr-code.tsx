/** A text as a QR code, drawn as squares of an SVG. */

import makeCode from "qrcode-generator"
import { useMemo } from "react"

/** Modules of quiet around the code, as ISO/IEC 18004 asks. */
const QUIET = 4

export default function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => drawn(text), [text])
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`}
      className="size-48 rounded-input"
      shapeRendering="crispEdges"
    >
      {/* Black on white in every theme, its quiet zone included: many scanners read nothing else. */}
      <rect x={-QUIET} y={-QUIET} width={size + 2 * QUIET} height={size + 2 * QUIET} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

/** Returns the dark modules as one path, a module one unit wide. */
function drawn(text: string): { path: string; size: number } {
  const code = makeCode(0, "M")
  code.addData(text)
  code.make()
  const size = code.getModuleCount()
  const squares: string[] = []
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) if (code.isDark(row, column)) squares.push(`M${column} ${row}h1v1h-1z`)
  return { path: squares.join(""), size }
}
