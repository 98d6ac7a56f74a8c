/** Papers: what became of each asset in a period, and the disposals of a tax year. */

import { Statement } from "./statement"
import { TaxReport } from "./tax-report"

export default function Statements() {
  return (
    <div className="flex flex-col gap-12">
      <Statement />
      <TaxReport />
    </div>
  )
}
