/** What others see: name, words about oneself, picture. */

import { ApiProblem, told } from "@cse/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { type Profile, useProfile } from "@/app/data/person"
import { api } from "@/app/exchange"
import { problemText } from "@/app/problem-text"
import { useForm } from "@/app/use-form"
import { Button } from "@/components/button"
import { Field } from "@/components/field"
import { Notice } from "@/components/notice"
import { Select } from "@/components/select"
import { Skeleton } from "@/components/skeleton"
import { TextArea, TextInput } from "@/components/text-input"
import { toast } from "@/components/toasts"
import { Picture } from "../picture"
import { Part } from "../part"

/** As the exchange bounds them, characters. */
const NAME = 50
const BIO = 500

export default function ProfileSection() {
  const { t } = useTranslation("account")
  const profile = useProfile()
  if (!profile) return <Skeleton w="100%" h="16rem" />
  return (
    <>
      <Part title={t("profile.picture")} about={t("profile.pictureAbout")}>
        <Picture profile={profile} />
      </Part>
      <Part title={t("profile.words")} about={t("profile.wordsAbout")}>
        <Words key={profile.handle} profile={profile} />
        <Link to="/people/$handle" params={{ handle: profile.handle }} className="text-13 text-brand underline">
          {t("profile.see")}
        </Link>
      </Part>
      <Part title={t("profile.zone")} about={t("profile.zoneAbout")}>
        <Zone profile={profile} />
      </Part>
    </>
  )
}

function Words({ profile }: { profile: Profile }) {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const [typed, setTyped] = useState({ display_name: profile.display_name, bio: profile.bio })
  const form = useForm(["display_name", "bio"], async () => {
    queries.setQueryData(["profile"], told(await api.PATCH("/api/profile", { body: typed })))
    toast("up", t("saved"))
  })
  return (
    <form onSubmit={form.submit} className="flex max-w-lg flex-col gap-4">
      {form.said && <Notice kind="down" title={form.said} />}
      <Field label={t("profile.handle")} hint={t("profile.handleHint")}>
        {(ids) => <TextInput {...ids} value={profile.handle} readOnly />}
      </Field>
      <Field label={t("profile.name")} error={form.error("display_name")}>
        {(ids) => (
          <TextInput
            {...ids}
            name="display_name"
            autoComplete="name"
            maxLength={NAME}
            value={typed.display_name}
            onChange={(event) => setTyped({ ...typed, display_name: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("profile.bio")} error={form.error("bio")} aside={<span className="num">{`${typed.bio.length} / ${BIO}`}</span>}>
        {(ids) => (
          <TextArea
            {...ids}
            name="bio"
            rows={4}
            maxLength={BIO}
            value={typed.bio}
            onChange={(event) => setTyped({ ...typed, bio: event.target.value })}
          />
        )}
      </Field>
      <div>
        <Button type="submit" variant="primary" pending={form.pending}>
          {t("save")}
        </Button>
      </div>
    </form>
  )
}

function Zone({ profile }: { profile: Profile }) {
  const { t } = useTranslation("account")
  const queries = useQueryClient()
  const set = useMutation({
    mutationFn: async (time_zone: string) => told(await api.PATCH("/api/profile", { body: { time_zone } })),
    onSuccess: (now) => queries.setQueryData(["profile"], now),
  })
  const zones = [...new Set([profile.time_zone, "UTC", ...Intl.supportedValuesOf("timeZone")])]
  return (
    <div className="flex max-w-lg flex-col gap-2">
      {set.error instanceof ApiProblem && <Notice kind="down" title={problemText(t, set.error)} />}
      <Select
        label={t("profile.zone")}
        value={set.isPending ? set.variables : profile.time_zone}
        onChange={(zone) => set.mutate(zone)}
        options={zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }))}
      />
    </div>
  )
}
