/** Downloads the whole audit log, page after page, with how far it is. */

import { ApiProblem } from "@cse/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { saveFile } from "@/app/download"
import { session } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { Button } from "@/components/button"
import { toast } from "@/components/toasts"
import { offline, problemOf } from "@cse/core"

type Format = "csv" | "ndjson"

/** Reads every page of an export; `onPage` hears how many there were. Throws ApiProblem. */
export async function readExport(
  format: Format,
  ask: (url: string) => Promise<Response>,
  onPage: (pages: number) => void,
): Promise<Blob> {
  const parts: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`
    const answer = await ask(`/api/admin/audit/export.${format}${query}`)
    if (!answer.ok) throw problemOf(answer, await answer.json().catch(() => null))
    const page = await answer.text()
    // Each page of CSV has the header line; one is enough.
    parts.push(format === "csv" && parts.length > 0 ? page.slice(page.indexOf("\n") + 1) : page)
    onPage(parts.length)
    cursor = answer.headers.get("Next-Cursor")
  } while (cursor !== null)
  return new Blob(parts, { type: format === "csv" ? "text/csv" : "application/x-ndjson" })
}

async function ask(url: string): Promise<Response> {
  const token = await session.token()
  try {
    return await fetch(url, { headers: { Authorization: `Bearer ${token ?? ""}`, "X-CSE-Client": "web" } })
  } catch (cause) {
    throw offline(cause)
  }
}

export function ExportAudit() {
  const { t } = useTranslation("admin")
  const [pages, setPages] = useState<number | null>(null)
  const save = async (format: Format): Promise<void> => {
    setPages(0)
    try {
      saveFile(`cse-audit.${format}`, await readExport(format, ask, setPages))
    } catch (refused) {
      if (!(refused instanceof ApiProblem)) throw refused
      toast("down", t("audit.exportFailed"), problemText(t, refused))
    } finally {
      setPages(null)
    }
  }
  return (
    <div className="flex items-center gap-2">
      {(["csv", "ndjson"] as const).map((format) => (
        <Button key={format} size="sm" variant="ghost" pending={pages !== null} onClick={() => void save(format)}>
          {t(`audit.export.${format}`)}
        </Button>
      ))}
      <output className="text-12 text-muted">{pages === null ? "" : t("audit.exporting", { count: pages })}</output>
    </div>
  )
}
