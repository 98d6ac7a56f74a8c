/** What was, what is, and what was taken back: for undo and redo of values that never change themselves. */

export interface History<T> {
  readonly past: readonly T[]
  readonly present: T
  readonly future: readonly T[]
}

/** How many steps can be taken back. */
export const MAX_STEPS = 100

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [] }
}

export function step<T>(history: History<T>, next: T): History<T> {
  return { past: [...history.past, history.present].slice(-MAX_STEPS), present: next, future: [] }
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1)
  if (before === undefined) return history
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future] }
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.present], present: next, future }
}
