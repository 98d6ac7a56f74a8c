import { Time, type TimeProps } from "./time"

/** What stands for the time in a text: `t("sessions.since", { time: HERE })`. */
export const HERE = "\u0000"

/** A text with a time in it, where its language puts it. */
export function TimedText({ text, ...time }: TimeProps & { readonly text: string }) {
  const [before, after] = text.split(HERE)
  return (
    <>
      {before}
      <Time {...time} />
      {after}
    </>
  )
}
