/**
 * The client without its socket: messages and times go in, actions and the application's events come out.
 *
 * Nothing here does I/O, reads a clock or rolls dice: the same inputs give the same outputs, in every language
 * (sdk/vectors).
 */

import { type Chance, Pacer } from "./backoff.js"
import type { Message } from "./chain.js"
import { Channels, type Problem } from "./channels.js"
import { Heartbeat } from "./heartbeat.js"
import { Login } from "./login.js"
import { type Counts, DEFAULTS, type Options, noCounts } from "./options.js"
import { type Action, type ConnectionState, Outbox, type Request } from "./outbox.js"
import { Reconnecting } from "./reconnecting.js"
import type { Subscription } from "./subscription.js"

/** Keeps channels over connections. Call `drain` after each input, and `tick` at `wakeMs`. */
export class Protocol {
  readonly counts: Counts = noCounts()
  state: ConnectionState = "closed"
  readonly #options: Options
  readonly #outbox = new Outbox()
  readonly #channels: Channels
  readonly #heartbeat: Heartbeat
  readonly #login: Login
  readonly #link: Reconnecting
  readonly #pacer: Pacer
  #why = ""

  /** Begins without a connection; `chance` spreads pauses. */
  constructor(options: Partial<Options>, chance: Chance) {
    const whole = { ...DEFAULTS, ...options }
    this.#options = whole
    this.#channels = new Channels(whole, this.counts, chance, this.#outbox)
    this.#heartbeat = new Heartbeat(whole, this.counts)
    this.#login = new Login(whole, chance)
    this.#link = new Reconnecting(whole, chance)
    this.#pacer = new Pacer(whole.healIntervalMs)
  }

  // --- what the application wants

  /** Begins to connect. */
  start(nowMs: number): void {
    this.#link.start(nowMs)
    this.tick(nowMs)
  }

  /** Ends for good. */
  stop(nowMs: number): void {
    if (this.#link.up) this.#outbox.do({ do: "close", reason: "the application is done" })
    this.#link.stop()
    this.#lose("")
    this.#showState(nowMs)
  }

  /** Keeps these channels from now on; those that are kept already stay as they are. */
  subscribe(names: readonly string[], nowMs: number): void {
    const fresh = this.#channels.add(names)
    if (this.#link.up) this.#open(fresh, nowMs)
    this.tick(nowMs)
  }

  /** Keeps these no longer. */
  unsubscribe(names: readonly string[], nowMs: number): void {
    const gone = names.filter((name) => this.#channels.remove(name))
    if (gone.length > 0 && this.#link.up) this.#outbox.send("unsubscribe", gone, nowMs)
    this.#showState(nowMs)
  }

  /** Takes the application's answer to the action `token`; null: it has none now. */
  token(token: string | null, nowMs: number): void {
    this.#login.came(token, nowMs)
    this.tick(nowMs)
  }

  /** Returns a channel's state if it is right now, else null. */
  get(name: string): Subscription | null {
    const [found] = this.#channels.named([name])
    return found?.live ? found : null
  }

  /** Names of the channels that are kept, in the order in which they were asked for. */
  get channels(): string[] {
    return this.#channels.all.map((subscription) => subscription.name)
  }

  // --- what the connection brings

  /** Notes that the connection is open. */
  opened(nowMs: number): void {
    this.counts.connections += 1
    this.#link.opened(nowMs)
    this.#heartbeat.begin(nowMs)
    this.#open(this.#channels.all, nowMs)
    this.tick(nowMs)
  }

  /** Notes that the connection is gone, or could not be made (no code). */
  closed(code: number | null, reason: string, nowMs: number): void {
    if (this.#link.stopped) return
    this.#link.lost(code, nowMs)
    this.#lose(reason || (code ? `closed with ${code}` : "no connection"))
    this.tick(nowMs)
  }

  /** Takes in a message of the exchange, decoded from JSON. */
  received(message: unknown, nowMs: number): void {
    if (!this.#link.up) return
    this.counts.messages += 1
    this.#heartbeat.heard(nowMs)
    if (isData(message)) this.#data(message, nowMs)
    else if (isRecord(message)) {
      if (typeof message["ok"] === "boolean") this.#answer(message, nowMs)
      else if (message["type"] === "closed") this.#channelClosed(message, nowMs)
    }
    this.tick(nowMs)
  }

  // --- time

  /** Does what is due. */
  tick(nowMs: number): void {
    if (this.#link.up) this.#watch(nowMs)
    if (this.#link.up) {
      this.#logIn(nowMs)
      this.#heal(nowMs)
    }
    if (this.#link.connectIsDue(nowMs)) this.#outbox.do({ do: "connect" })
    this.#showState(nowMs)
  }

  /** Returns when `tick` is to be called if nothing happens before; null: never. */
  wakeMs(nowMs: number): number | null {
    if (!this.#link.up) return this.#link.dueMs
    let soonest = this.#heartbeat.wakeMs(nowMs)
    const consider = (time: number | null): void => {
      if (time !== null && time < soonest) soonest = time
    }
    consider(this.#login.dueMs)
    for (const subscription of this.#channels.unwell.values()) {
      consider(subscription.dueMs)
      consider(subscription.deadlineMs)
    }
    const oldest = this.#outbox.oldest
    consider(oldest && oldest.sentMs + this.#options.answerMs)
    return soonest <= nowMs ? Math.max(soonest, this.#pacer.nextMs) : soonest
  }

  /** Returns what is to be done, in this order, and forgets it. */
  drain(): Action[] {
    return this.#outbox.drain()
  }

  // --- inside: what time makes due

  /** Gives up a connection that is dead or does not answer. */
  #watch(nowMs: number): void {
    const oldest = this.#outbox.oldest
    if (this.#heartbeat.dead(nowMs)) this.#giveUp("nothing was heard for too long", nowMs)
    else if (oldest && nowMs >= oldest.sentMs + this.#options.answerMs) {
      this.#giveUp(`no answer to ${oldest.op}`, nowMs)
    } else if (this.#heartbeat.pingIsDue(nowMs)) this.#outbox.send("ping", [], nowMs)
  }

  #logIn(nowMs: number): void {
    const login = this.#login
    if (![...this.#channels.unwell.values()].some((subscription) => subscription.private)) return
    if (!login.isDue(nowMs)) return
    if (login.token === null) {
      login.stage = "asked"
      this.#outbox.do({ do: "token" })
    } else {
      login.stage = "sent"
      this.#outbox.send("auth", [], nowMs, { token: login.token })
    }
  }

  #heal(nowMs: number): void {
    for (const subscription of [...this.#channels.unwell.values()]) {
      if (subscription.deadlineMs !== null && nowMs >= subscription.deadlineMs) {
        subscription.broken(nowMs, "no snapshot came")
        this.#channels.show(subscription)
      }
      if (subscription.dueMs === null || nowMs < subscription.dueMs) continue
      if (subscription.hopeless) {
        this.#giveUp(`${subscription.name} does not heal: ${subscription.why}`, nowMs)
        return
      }
      this.#askAgain(subscription, nowMs)
    }
  }

  #askAgain(subscription: Subscription, nowMs: number): void {
    if (subscription.private && this.#login.stage !== "in") {
      subscription.dueMs = null // the log-in opens it
    } else if (this.#pacer.take(nowMs)) {
      subscription.askedAgain(nowMs)
      const op = subscription.subscribed && !subscription.private ? "resync" : "subscribe"
      this.#outbox.send(op, [subscription.name], nowMs, { since: subscription.since })
    }
  }

  /** Subscribes public channels, many at once; the log-in opens private ones. */
  #open(fresh: readonly Subscription[], nowMs: number): void {
    const open = fresh.filter((subscription) => !subscription.private)
    for (const subscription of open) subscription.asked(nowMs)
    const names = open.map((subscription) => subscription.name)
    const size = this.#options.channelsPerMessage
    for (let begin = 0; begin < names.length; begin += size) {
      this.#outbox.send("subscribe", names.slice(begin, begin + size), nowMs)
    }
    if (this.#login.stage === "in") this.#openPrivate(fresh, nowMs)
  }

  #openPrivate(fresh: readonly Subscription[], nowMs: number): void {
    for (const subscription of fresh) {
      if (!subscription.private || subscription.subscribed) continue
      subscription.asked(nowMs)
      this.#outbox.send("subscribe", [subscription.name], nowMs, { since: subscription.since })
    }
  }

  // --- inside: what messages say

  #data(message: Message, nowMs: number): void {
    const [subscription] = this.#channels.named([message.channel])
    if (!subscription) return
    const news = subscription.take(message, nowMs)
    this.#channels.show(subscription)
    if (news === null) return
    const { name: channel } = subscription
    const { item, snapshot } = news
    this.#outbox.tell({ type: "data", channel, sequence: message.sequence, snapshot, news: item })
  }

  #channelClosed(message: Record<string, unknown>, nowMs: number): void {
    const [subscription] = this.#channels.named([message["channel"]])
    if (!subscription) return
    subscription.subscribed = false
    subscription.broken(nowMs, `${message["code"] ?? ""}: ${message["detail"] ?? ""}`)
    if (subscription.private) this.#login.expired()
    this.#channels.show(subscription)
  }

  #answer(message: Record<string, unknown>, nowMs: number): void {
    const request = this.#outbox.answered(message["id"])
    if (message["ok"] !== true) {
      this.counts.refused += 1
      if (request) this.#refused(request, (message["error"] ?? {}) as Problem, nowMs)
    } else if (request?.op === "ping") {
      this.#heartbeat.answered(request.sentMs, nowMs)
    } else if (request?.op === "auth") {
      this.#login.accepted()
      this.#openPrivate(this.#channels.all, nowMs)
    } else if (request?.op === "subscribe") {
      for (const subscription of this.#channels.named(request.channels)) {
        subscription.answered(nowMs)
        this.#channels.show(subscription)
      }
    }
  }

  #refused(request: Request, error: Problem, nowMs: number): void {
    if (request.op === "auth") this.#login.refused(nowMs)
    if (request.op !== "subscribe" && request.op !== "resync") return
    for (const subscription of this.#channels.named(request.channels)) {
      this.#channelRefused(subscription, request, error, nowMs)
    }
  }

  /** Asks later if that may help, by itself if one bad name refused all, or else ends the channel. */
  #channelRefused(subscription: Subscription, request: Request, error: Problem, nowMs: number): void {
    const status = error.status ?? 0
    const later = status === 429 || status >= 500
    if (subscription.private && status === 401) this.#login.expired()
    else if (request.op === "subscribe" && request.channels.length > 1 && !later) {
      this.#outbox.send("subscribe", [subscription.name], nowMs)
      return
    } else if (request.op === "subscribe" && (!later || subscription.hopeless)) {
      this.#channels.end(subscription.name, error)
      return
    }
    subscription.subscribed = false
    subscription.broken(nowMs, `${error.code ?? ""}: ${error.detail ?? ""}`, false)
    this.#channels.show(subscription)
  }

  // --- inside: the end of a connection

  #giveUp(why: string, nowMs: number): void {
    this.#outbox.do({ do: "close", reason: why })
    this.closed(null, why, nowMs)
  }

  #lose(why: string): void {
    this.#why = why
    this.#outbox.disconnected()
    this.#login.disconnected()
    this.#channels.disconnected()
  }

  #showState(nowMs: number): void {
    const state = this.#state(nowMs)
    if (state === this.state) return
    this.state = state
    this.#outbox.tell({ type: "connection", state, why: this.#why })
    this.#why = ""
  }

  #state(nowMs: number): ConnectionState {
    if (this.#link.stopped) return "closed"
    if (!this.#link.up) return "connecting"
    if (this.#heartbeat.stale(nowMs)) return "stale"
    return this.#channels.unwell.size > 0 ? "healing" : "live"
  }
}

function isRecord(message: unknown): message is Record<string, unknown> {
  return typeof message === "object" && message !== null && !Array.isArray(message)
}

/** Whether it has the head of a channel's message. Anything else with a channel is its end, or nonsense. */
function isData(message: unknown): message is Message {
  if (!isRecord(message) || typeof message["channel"] !== "string") return false
  if (!Number.isInteger(message["sequence"])) return false
  return message["type"] === "snapshot" || (message["type"] === "update" && Number.isInteger(message["previous"]))
}
