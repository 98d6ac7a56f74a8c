/** Short tones for what a trader listens for; off unless the person wants them. Made here: no files. */

import { usePreferences } from "./preferences"

export type Sound = "fill" | "placed" | "refused"

/** Frequencies in Hz, one after the other. */
const TONES: Record<Sound, readonly number[]> = { fill: [660, 880], placed: [520], refused: [220, 180] }
const TONE_S = 0.09
const LOUDNESS = 0.06

let context: AudioContext | null = null

/** Plays a sound, if the person switched sounds on. */
export function play(sound: Sound): void {
  if (!usePreferences.getState().sounds) return
  context ??= new AudioContext()
  const start = context.currentTime
  for (const [at, hertz] of TONES[sound].entries()) tone(context, hertz, start + at * TONE_S)
}

function tone(on: AudioContext, hertz: number, at: number): void {
  const oscillator = on.createOscillator()
  const loudness = on.createGain()
  oscillator.type = "sine"
  oscillator.frequency.value = hertz
  loudness.gain.setValueAtTime(LOUDNESS, at)
  loudness.gain.exponentialRampToValueAtTime(0.001, at + TONE_S)
  oscillator.connect(loudness).connect(on.destination)
  oscillator.start(at)
  oscillator.stop(at + TONE_S)
}
