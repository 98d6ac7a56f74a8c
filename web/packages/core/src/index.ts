/** What the web app and a phone app share. */

export { type Api, type ApiSettings, createApi, told } from "./api/client.ts"
export { ApiProblem, offline, problemOf } from "./api/problem.ts"
export type { components, paths } from "./api/schema.d.ts"
export { Session, type SessionSettings, type SessionState, type Tokens } from "./api/session.ts"
export type * from "./api/types.ts"
export * from "./number/decimal.ts"
export * from "./number/format.ts"
export * from "./number/typed.ts"
export { Live, type LiveSettings } from "./stream/live.ts"
export type { BookView, ConnectionState, Counts, Event, Level } from "@cs-exchange/stream"
