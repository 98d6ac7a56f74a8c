import { Command } from "cmdk"
import { Dialog as Radix } from "radix-ui"
import { useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { Change } from "@/components/change"
import { FLOATING_CLASSES } from "@/components/control-classes"
import { Price } from "@/components/price"
import { type Command as Offer, useAllCommands } from "../commands"
import { useMarkets, useTickers } from "../data/markets"
import { grouped } from "../grouped"
import { openPanel } from "../panels"
import { useTyped } from "../type-ahead"
import { Keys } from "./keys"

interface PaletteProps {
  /** Goes to a market's page. */
  onMarket: (market: string) => void
}

/** Everything by its name: pages, markets, actions. Loaded when it is first asked for. */
export default function Palette({ onMarket }: PaletteProps) {
  const { t } = useTranslation("common")
  const groups = grouped(useAllCommands(), (each) => each.group ?? t("palette.actions"))
  return (
    <Radix.Root open onOpenChange={() => openPanel(null)}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          aria-describedby={undefined}
          className={`${FLOATING_CLASSES} rise fixed inset-x-3 top-[12dvh] z-50 mx-auto max-w-xl overflow-hidden`}
        >
          <Radix.Title className="sr-only">{t("palette.title")}</Radix.Title>
          <Command label={t("palette.title")} loop>
            <Search />
            <Command.List label={t("palette.results")} className="max-h-[50dvh] overflow-y-auto p-2 text-13">
              <Command.Empty className="px-2 py-8 text-center text-muted">{t("palette.nothing")}</Command.Empty>
              <Markets onMarket={onMarket} />
              {groups.map(([heading, offers]) => (
                <Command.Group key={heading} heading={heading} className="palette-group">
                  {offers.map((offer) => (
                    <Line key={offer.id} offer={offer} />
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Search() {
  const { t } = useTranslation("common")
  const field = useRef<HTMLInputElement>(null)
  const [search, setSearch] = useState("")
  useTyped(field, setSearch)
  return (
    <Command.Input
      ref={field}
      value={search}
      onValueChange={setSearch}
      placeholder={t("palette.placeholder")}
      className="h-12 w-full border-b border-line bg-transparent px-4 text-14 outline-none placeholder:text-faint"
    />
  )
}

const ROW = "flex h-9 items-center gap-3 rounded-input px-2 data-[selected=true]:bg-chosen"

function Line({ offer }: { offer: Offer }) {
  const act = (): void => {
    openPanel(null)
    offer.run()
  }
  return (
    <Command.Item value={`${offer.label} ${offer.id}`} keywords={[...(offer.keywords ?? [])]} onSelect={act} className={ROW}>
      <span className="flex-1 truncate">{offer.label}</span>
      {offer.keys !== undefined && <Keys keys={offer.keys} />}
    </Command.Item>
  )
}

/** Markets by name, with their prices. */
function Markets({ onMarket }: PaletteProps) {
  const { t } = useTranslation("common")
  const { markets } = useMarkets()
  const { tickers } = useTickers()
  const byName = new Map(tickers.map((each) => [each.market, each]))
  const go = (market: string): void => {
    openPanel(null)
    onMarket(market)
  }
  return (
    <Command.Group heading={t("nav.markets")} className="palette-group">
      {markets.map(({ market, base, quote }) => {
        const ticker = byName.get(market)
        return (
          <Command.Item
            key={market}
            value={`market ${market}`}
            keywords={[base, quote, `${base}/${quote}`]}
            onSelect={() => go(market)}
            className={ROW}
          >
            <span className="flex-1 truncate">
              {base}
              <span className="text-muted"> / {quote}</span>
            </span>
            <Price value={ticker?.last ?? null} />
            <Change from={ticker?.open} to={ticker?.last} className="w-20 text-end text-12" />
          </Command.Item>
        )
      })}
    </Command.Group>
  )
}
