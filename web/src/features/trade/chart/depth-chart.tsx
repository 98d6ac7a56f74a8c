/** The depth chart, where the page looks for it. */

export { DepthChart } from "./depth/depth-chart"
