/** People: found by address, handle or account; one of them with what they have and what may be done. */

import { ApiProblem, told } from "@cse/core"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/app/exchange"
import { Button } from "@/components/button"
import { DataTable } from "@/components/data-table"
import { ErrorState } from "@/components/error-state"
import { Field } from "@/components/field"
import { Pager } from "@/components/pager"
import { TextInput } from "@/components/text-input"
import { Time } from "@/components/time"
import { StatusBadge } from "../badges"
import { type Person, usePages } from "../staff"
import { PersonPage } from "./person"

export default function UsersSection({ id }: { id?: string }) {
  return id !== undefined && /^\d+$/.test(id) ? <PersonPage userId={Number(id)} /> : <Search />
}

/** What is typed into one field: an address has an @, an account is a number, all else is a handle. */
export function searchOf(text: string): { email?: string; handle?: string; account_id?: number } {
  const asked = text.trim()
  if (asked === "") return {}
  if (/^\d{1,15}$/.test(asked)) return { account_id: Number(asked) }
  return asked.includes("@") ? { email: asked } : { handle: asked }
}

function Search() {
  const { t } = useTranslation("admin")
  const [typed, setTyped] = useState("")
  const [asked, setAsked] = useState("")
  const list = usePages(["admin", "users", asked], async (cursor) => {
    const query = { ...searchOf(asked), limit: 50, ...(cursor === undefined ? {} : { cursor }) }
    const page = told(await api.GET("/api/admin/users", { params: { query } }))
    return { rows: page.people, next: page.next_cursor }
  })
  return (
    <div className="flex flex-col gap-4">
      <form
        role="search"
        className="flex max-w-lg items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(typed)
        }}
      >
        <div className="flex-1">
          <Field label={t("users.search")} hint={t("users.searchHint")}>
            {(ids) => (
              <TextInput id={ids.id} aria-describedby={ids.describedBy} value={typed} onChange={(event) => setTyped(event.target.value)} />
            )}
          </Field>
        </div>
        <Button type="submit" variant="secondary">
          {t("users.find")}
        </Button>
      </form>
      {list.error instanceof ApiProblem ? (
        <ErrorState problem={list.error} onRetry={list.refetch} />
      ) : (
        <People rows={list.rows} loading={list.loading} />
      )}
      <Pager hasMore={list.more !== null} pending={list.loadingMore} onMore={() => list.more?.()} />
    </div>
  )
}

function People({ rows, loading }: { rows: Person[]; loading: boolean }) {
  const { t } = useTranslation("admin")
  return (
    <DataTable<Person>
        focusable
      caption={t("sections.users")}
      rows={rows}
      loading={loading}
      rowKey={(row) => String(row.user_id)}
      empty={t("users.none")}
      columns={[
        {
          key: "handle",
          header: t("users.handle"),
          cell: (row) => (
            <Link to="/admin/$section/$id" params={{ section: "users", id: String(row.user_id) }} className="text-brand underline">
              {row.handle}
            </Link>
          ),
        },
        { key: "email", header: t("users.email"), cell: (row) => row.email },
        { key: "account", header: t("users.account"), align: "end", cell: (row) => <span className="num">{row.account_id}</span> },
        { key: "status", header: t("users.status"), cell: (row) => <StatusBadge status={row.status} /> },
        { key: "roles", header: t("users.roles"), cell: (row) => row.roles.join(", ") },
        { key: "created", header: t("users.since"), cell: (row) => <Time at={row.created_at} /> },
      ]}
    />
  )
}
