/** Checks of data from outside: each takes anything and returns it with its type, or throws with the place. */

/** Data that is not what it should be; `message` says where. */
export class BadLayout extends Error {
  override readonly name = "BadLayout"
}

export type Check<T> = (value: unknown, path: string) => T

function refuse(path: string, wanted: string): never {
  throw new BadLayout(`${path === "" ? "the file" : path} is not ${wanted}`)
}

export const bool: Check<boolean> = (value, path) => (typeof value === "boolean" ? value : refuse(path, "true or false"))

export const finite: Check<number> = (value, path) =>
  typeof value === "number" && Number.isFinite(value) ? value : refuse(path, "a number")

export const text =
  (longest: number): Check<string> =>
  (value, path) =>
    typeof value === "string" && value.length <= longest ? value : refuse(path, `a text of at most ${longest} characters`)

export const oneOf =
  <T extends string | number>(values: readonly T[]): Check<T> =>
  (value, path) =>
    values.find((each) => each === value) ?? refuse(path, `one of ${values.join(", ")}`)

export const version = <V extends number>(wanted: V): Check<V> => oneOf([wanted])

export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value, path) =>
    value === null ? null : check(value, path)

export const that =
  <T>(check: Check<T>, holds: (value: T) => boolean, wanted: string): Check<T> =>
  (value, path) => {
    const checked = check(value, path)
    return holds(checked) ? checked : refuse(path, wanted)
  }

export const list =
  <T>(check: Check<T>, most: number): Check<T[]> =>
  (value, path) =>
    Array.isArray(value) && value.length <= most
      ? value.map((each, index) => check(each, `${path}[${index}]`))
      : refuse(path, `a list of at most ${most}`)

function record(value: unknown, path: string): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(path, "an object")
}

/** An object with these fields; others are dropped. */
export const object =
  <T extends object>(fields: { [K in keyof T]: Check<T[K]> }): Check<T> =>
  (value, path) => {
    const given = record(value, path)
    const names = Object.keys(fields) as (keyof T & string)[]
    return Object.fromEntries(names.map((key) => [key, fields[key](given[key], `${path}.${key}`)])) as T
  }

/** An object of names and values, at most so many. */
export const pairs =
  <T>(key: Check<string>, check: Check<T>, most: number): Check<Record<string, T>> =>
  (value, path) => {
    const given = Object.entries(record(value, path))
    if (given.length > most) refuse(path, `at most ${most} entries`)
    return Object.fromEntries(given.map(([name, each]) => [key(name, path), check(each, `${path}.${name}`)]))
  }
