/** The mark: a person between two bars of the tape. The same drawing is in public/mark.svg. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" width={size} height={size} fill="currentColor">
      <rect x="3" y="18" width="6" height="11" rx="1.5" />
      <rect x="23" y="8" width="6" height="21" rx="1.5" />
      <g className="text-brand">
        <circle cx="16" cy="7.5" r="4.5" fill="currentColor" />
        <rect x="12" y="14" width="8" height="15" rx="1.5" fill="currentColor" />
      </g>
    </svg>
  )
}
