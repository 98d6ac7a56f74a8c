import { formatCompact, formatDecimal } from "@cse/core"
import { Link } from "@tanstack/react-router"
import type { TFunction } from "i18next"
import { useTranslation } from "react-i18next"
import { useSparkline } from "@/app/data/sparklines"
import { Avatar } from "@/components/avatar"
import { Badge } from "@/components/badge"
import { Change } from "@/components/change"
import type { Column } from "@/components/data-table"
import { Price } from "@/components/price"
import { Sparkline } from "@/components/sparkline"
import { Favourite } from "./favourite"
import { byChange, byName, byPrice, byVolume, priceOf, type Row } from "./rows"

/** The columns; on phones those that decide are left. */
export function columnsOf(t: TFunction<"markets">): readonly Column<Row>[] {
  return [
    { key: "star", header: <span className="sr-only">{t("columns.favourite")}</span>, cell: (row) => <Favourite market={row.market.market} />, width: "40px" },
    { key: "market", header: t("columns.market"), cell: (row) => <Name row={row} />, sort: byName },
    { key: "price", header: t("columns.price"), cell: (row) => <LastPrice row={row} />, align: "end", width: "104px", sort: byPrice },
    { key: "change", header: t("columns.change"), cell: (row) => <Change from={null} to={null} ppm={row.changePpm} />, align: "end", width: "92px", sort: byChange },
    { key: "course", header: t("columns.course"), cell: (row) => <Course row={row} />, align: "end", width: "128px", className: "max-md:hidden" },
    { key: "high", header: t("columns.high"), cell: (row) => <Price value={row.ticker?.high} />, align: "end", width: "112px", className: "max-lg:hidden" },
    { key: "low", header: t("columns.low"), cell: (row) => <Price value={row.ticker?.low} />, align: "end", width: "112px", className: "max-lg:hidden" },
    { key: "volume", header: t("columns.volume"), cell: (row) => <Volume row={row} />, align: "end", width: "136px", sort: byVolume, className: "max-md:hidden" },
    { key: "status", header: t("columns.status"), cell: (row) => <Status row={row} />, align: "end", width: "112px", className: "max-md:hidden" },
  ]
}

function Name({ row: { market } }: { row: Row }) {
  const { t } = useTranslation("markets")
  return (
    <Link to="/trade/$market" params={{ market: market.market }} tabIndex={-1} className="flex min-w-0 items-center gap-2.5">
      <Avatar handle={market.base} size={20} />
      <span dir="ltr" className="truncate text-13">
        <span className="font-medium">{market.base}</span>
        <span className="text-muted"> / {market.quote}</span>
      </span>
      {market.status !== "open" && <span className="text-11 text-warn md:hidden">{t(`status.${market.status}`)}</span>}
    </Link>
  )
}

function LastPrice({ row }: { row: Row }) {
  return <Price value={priceOf(row)} flash className="text-13" />
}

function Course({ row }: { row: Row }) {
  const values = useSparkline(row.market.market)
  return <Sparkline values={values} width={104} height={20} className="ms-auto" />
}

function Volume({ row: { market, ticker } }: { row: Row }) {
  const { i18n } = useTranslation()
  if (!ticker) return <span className="text-faint">–</span>
  return (
    <span className="num" title={`${formatDecimal(ticker.quote_volume, i18n.language)} ${market.quote}`}>
      {formatCompact(ticker.quote_volume, i18n.language)} <span className="text-muted">{market.quote}</span>
    </span>
  )
}

function Status({ row: { market } }: { row: Row }) {
  const { t } = useTranslation("markets")
  if (market.status === "open") return <span className="text-muted">{t("status.open")}</span>
  return <Badge kind="warn">{t(`status.${market.status}`)}</Badge>
}
