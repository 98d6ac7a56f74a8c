/** Total, average price, slippage, fee and what comes in; and what to look out for. */

import { formatDecimal, formatPpm, type Market } from "@cse/core"
import { TriangleAlert } from "lucide-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { limitFee, SLIPPAGE_WARNING_PPM, slippagePpm } from "./estimate"
import type { Ticket } from "./use-ticket"
import { bestPrice, warningsOf } from "./warnings"

export function Summary({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation("trade")
  const { preview, previewPending, draft } = ticket
  const slippage = slippagePpm(preview, bestPrice(ticket))
  const rows = figures(ticket)
  return (
    <dl aria-busy={previewPending} className={cx("grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-12", previewPending && "opacity-70")}>
      <Row label={t("ticket.total")}><Figure value={rows.total} asset={ticket.market.quote} /></Row>
      <Row label={t("ticket.averagePrice")}><Figure value={preview?.average_price ?? null} asset={ticket.market.quote} /></Row>
      <Row label={t("ticket.slippage")}>
        <Percent ppm={slippage} warn={slippage !== null && slippage >= SLIPPAGE_WARNING_PPM} />
      </Row>
      <Row label={t("ticket.fee")}><Figure value={rows.fee} asset={rows.feeAsset} /></Row>
      <Row label={t("ticket.receive")}><Figure value={rows.receives} asset={receivedAsset(ticket.market, draft.side)} /></Row>
    </dl>
  )
}

function receivedAsset(market: Market, side: "buy" | "sell"): string {
  return side === "buy" ? market.base : market.quote
}

/** The preview's figures if the order would trade now, else those of a limit order that fills at its limit. */
function figures({ preview, market, draft, sized, account, receivedDecimals }: Ticket) {
  const takes = preview?.would_take === true
  const rates = account ?? market
  // Until the exchange has said that it rests, the higher rate is told.
  const ppm = preview !== null && !takes ? rates.maker_fee_ppm : rates.taker_fee_ppm
  return {
    total: sized.total || (takes ? preview.quote_amount : null),
    fee: takes ? preview.fee : limitFee(draft, sized, ppm, receivedDecimals),
    feeAsset: takes ? preview.fee_asset : receivedAsset(market, draft.side),
    receives: takes ? preview.receives : null,
  }
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 truncate text-end">
        <span className="num">{children}</span>
      </dd>
    </>
  )
}

function Figure({ value, asset }: { value: string | null; asset: string }) {
  const { i18n } = useTranslation("trade")
  if (!value) return <span className="text-faint">–</span>
  return (
    <>
      {formatDecimal(value, i18n.language)} <span className="text-muted">{asset}</span>
    </>
  )
}

function Percent({ ppm, warn }: { ppm: number | null; warn: boolean }) {
  const { i18n } = useTranslation("trade")
  if (ppm === null) return <span className="text-faint">–</span>
  return <span className={warn ? "text-warn" : ""}>{formatPpm(ppm, i18n.language, false)}</span>
}

/** What is allowed but may not be what the person wants. */
export function Warnings({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation("trade")
  return warningsOf(ticket).map(({ key, ppm }) => (
    <p key={key} className="flex gap-2 text-12 text-warn">
      <TriangleAlert aria-hidden size={14} strokeWidth={1.5} className="mt-0.5 shrink-0" />
      {t(`warnings.${key}`, { percent: formatPpm(ppm ?? 0, i18n.language, false) })}
    </p>
  ))
}
