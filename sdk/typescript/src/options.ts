/** What a client can be told to do differently, and what it counts. Times are milliseconds. */

export interface Options {
  /** Before the second attempt to connect; doubles with each further one. */
  firstPauseMs: number
  longestPauseMs: number
  /** After a close with 1012 (the exchange restarts) clients come back at random within this. */
  restartSpreadMs: number
  /** A connection or a channel that was good for so long begins with short pauses again. */
  steadyMs: number
  /** Before the second resync in a row of a channel; the first goes out at once. */
  healFirstMs: number
  healLongestMs: number
  /** Resyncs of a channel in a row; then the connection is made anew. */
  healLimit: number
  /** Between two resyncs of any channels. */
  healIntervalMs: number
  /** For an answer, and for a snapshot after it was asked for. */
  answerMs: number
  pingMs: number
  /** Silence after which the connection counts as stale. */
  staleMs: number
  /** Silence after which it is given up. */
  deadMs: number
  channelsPerMessage: number
  /** Trades, fills and candles that each channel keeps. */
  keep: number
}

/** They suit the exchange's own limits. */
export const DEFAULTS: Readonly<Options> = {
  firstPauseMs: 250,
  longestPauseMs: 15_000,
  restartSpreadMs: 1_000,
  steadyMs: 10_000,
  healFirstMs: 200,
  healLongestMs: 10_000,
  healLimit: 6,
  healIntervalMs: 50,
  answerMs: 10_000,
  pingMs: 5_000,
  staleMs: 10_000,
  deadMs: 20_000,
  channelsPerMessage: 50,
  keep: 1_000,
}

/** What happened since the beginning. */
export interface Counts {
  messages: number
  /** Messages after which one was missing, or came in the wrong order. */
  gaps: number
  /** Messages that were known already: duplicates and late copies. */
  old: number
  wrongChecksums: number
  /** Channels asked for again. */
  resyncs: number
  /** Times that trades or private events were lost for good to the stream (REST has them). */
  missed: number
  connections: number
  /** Operations that the exchange refused. */
  refused: number
  /** Of the last ping and its answer. */
  latencyMs: number | null
}

/** Returns counts of nothing. */
export function noCounts(): Counts {
  const zero = { messages: 0, gaps: 0, old: 0, wrongChecksums: 0, resyncs: 0, missed: 0 }
  return { ...zero, connections: 0, refused: 0, latencyMs: null }
}
