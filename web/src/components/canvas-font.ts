/** The letters of `--font-sans` (tokens.css), for a canvas: it knows no custom properties. */
export const CANVAS_FONT =
  '"Geist Variable", "Noto Sans Arabic Variable", "Noto Sans JP Variable", "Noto Sans SC Variable", system-ui, sans-serif'
