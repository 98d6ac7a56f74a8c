/**
 * CS Exchange's market data and own orders over its WebSocket, kept right by itself.
 *
 * Client is what an application uses. Without a socket: LocalBook is an order book that is right or says that it is
 * not, Protocol the whole client for a transport of one's own.
 */

export { type BookView, BookBroken, type Level, LocalBook, WrongChecksum } from "./book.js"
export type { Message } from "./chain.js"
export { Client, type ClientSettings, type Socket } from "./client.js"
export { BadNumber, decimals, digits } from "./decimals.js"
export type { Item } from "./folds.js"
export { type Counts, DEFAULTS, type Options } from "./options.js"
export type { Action, ConnectionState, Event } from "./outbox.js"
export { Protocol } from "./protocol.js"
export type { ChannelState } from "./subscription.js"
