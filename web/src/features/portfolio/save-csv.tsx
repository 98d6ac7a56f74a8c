/** Saves the whole of a list as the exchange writes it. */

import { ApiProblem } from "@cse/core"
import { Download } from "lucide-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { inTurn, saveFile } from "@/app/download"
import { problemText } from "@/app/problem-text"
import { Button } from "@/components/button"
import { toast } from "@/components/toasts"

interface Props {
  /** Without ".csv". */
  name: string
  ask: () => Promise<Blob>
  label?: string | undefined
}

export function SaveCsv({ name, ask, label }: Props) {
  const { t } = useTranslation("portfolio")
  const [pending, setPending] = useState(false)
  const save = async (): Promise<void> => {
    setPending(true)
    try {
      saveFile(`${name}.csv`, await inTurn(ask))
    } catch (refused) {
      if (!(refused instanceof ApiProblem)) throw refused
      toast("down", t("csv.failed"), problemText(t, refused))
    } finally {
      setPending(false)
    }
  }
  return (
    <Button size="sm" pending={pending} onClick={() => void save()}>
      <Download aria-hidden size={14} strokeWidth={1.5} />
      {label ?? t("csv.save")}
    </Button>
  )
}
