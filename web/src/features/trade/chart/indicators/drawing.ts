/** What is needed to draw indicators, loaded together. */

export { showIndicators } from "./adapter"
export { momentText } from "./chosen"
