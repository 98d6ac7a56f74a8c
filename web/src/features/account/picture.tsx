/** The own picture: chosen, looked at, sent; the exchange draws it anew in fixed sizes. */

import { ApiProblem } from "@cse/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Profile } from "@/app/data/person"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { send } from "@/app/upload"
import { Avatar } from "@/components/avatar"
import { Button } from "@/components/button"
import { Notice } from "@/components/notice"

export function Picture({ profile }: { profile: Profile }) {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const [chosen, setChosen] = useState<{ file: File; url: string } | null>(null)
  const [share, setShare] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const choose = (file: File | null): void => {
    if (chosen) URL.revokeObjectURL(chosen.url)
    setChosen(file && { file, url: URL.createObjectURL(file) })
  }
  const refresh = (): void => {
    choose(null)
    setShare(0)
    void queries.invalidateQueries({ queryKey: ["profile"] })
  }
  const put = useMutation({ mutationFn: (chosen: File) => send("PUT", "/api/profile/avatar", chosen, setShare), onSuccess: refresh })
  const remove = useMutation({ mutationFn: () => api.DELETE("/api/profile/avatar"), onSuccess: refresh })
  const problem = put.error ?? remove.error
  return (
    <div className="flex flex-col gap-3">
      {problem instanceof ApiProblem && <Notice kind="down" title={problemText(t, problem)} />}
      <div className="flex items-center gap-4">
        <Avatar handle={profile.handle} avatarUrl={chosen?.url ?? profile.avatar?.large ?? null} size={64} />
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/webp,image/gif"
          className="sr-only"
          aria-label={t("profile.choose")}
          tabIndex={-1}
          onChange={(event) => choose(event.target.files?.[0] ?? null)}
        />
        {chosen ? (
          <>
            <Button variant="primary" pending={put.isPending} onClick={() => put.mutate(chosen.file)}>
              {t("profile.use")}
            </Button>
            <Button variant="ghost" disabled={put.isPending} onClick={() => choose(null)}>
              {t("cancel")}
            </Button>
          </>
        ) : (
          <>
            <Button variant="secondary" onClick={() => input.current?.click()}>
              {t("profile.choose")}
            </Button>
            {profile.avatar && (
              <Button variant="ghost" pending={remove.isPending} onClick={() => remove.mutate()}>
                {t("profile.remove")}
              </Button>
            )}
          </>
        )}
      </div>
      {put.isPending && <progress aria-label={t("profile.sending")} className="w-full max-w-lg" value={share} max={1} />}
    </div>
  )
}
