import { CloudOff, OctagonPause, ServerCrash, TriangleAlert } from "lucide-react"
import { useTranslation } from "react-i18next"
import { cx } from "@/components/class-names"
import { type ExchangeState, useExchangeState } from "../exchange-state"

const LOOKS: Record<Exclude<ExchangeState, "fine">, { Icon: typeof CloudOff; tone: string }> = {
  offline: { Icon: CloudOff, tone: "text-warn" },
  unreachable: { Icon: ServerCrash, tone: "text-warn" },
  maintenance: { Icon: TriangleAlert, tone: "text-warn" },
  halted: { Icon: OctagonPause, tone: "text-danger" },
}

/** What everybody has to know now, under the header: no network, no exchange, no trading. */
export function Banner() {
  const { t } = useTranslation("common")
  const state = useExchangeState()
  return (
    <div role="status" className={state === "fine" ? "sr-only" : "border-b border-line bg-raised"}>
      {state !== "fine" && <Said state={state} title={t(`banner.${state}.title`)} body={t(`banner.${state}.body`)} />}
    </div>
  )
}

function Said({ state, title, body }: { state: Exclude<ExchangeState, "fine">; title: string; body: string }) {
  const { Icon, tone } = LOOKS[state]
  return (
    <p className="flex items-start gap-2 px-4 py-2 text-13">
      <Icon aria-hidden size={16} strokeWidth={1.5} className={cx("mt-0.5 shrink-0", tone)} />
      <span>
        <strong className="font-medium">{title}</strong> <span className="text-muted">{body}</span>
      </span>
    </p>
  )
}
