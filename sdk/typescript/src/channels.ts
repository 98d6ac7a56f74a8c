/** All channels that are kept: which of them are not right now, and what the application was told of them. */

import type { Chance } from "./backoff.js"
import type { Counts, Options } from "./options.js"
import type { Outbox } from "./outbox.js"
import { type ChannelState, Subscription } from "./subscription.js"

/** What an answer says of a refused operation: a problem document. */
export interface Problem {
  status?: number
  code?: string
  detail?: string
}

/** Subscriptions by name, in the order in which they were asked for. */
export class Channels {
  /** Those that are not live. */
  readonly unwell = new Map<string, Subscription>()
  #all = new Map<string, Subscription>()
  #shown = new Map<string, ChannelState>()

  /** `outbox` takes the events of changed states. */
  constructor(
    private readonly options: Options,
    private readonly counts: Counts,
    private readonly chance: Chance,
    private readonly outbox: Outbox,
  ) {}

  /** All of them. */
  get all(): Subscription[] {
    return [...this.#all.values()]
  }

  /** Returns those of these names that are kept. */
  named(names: readonly unknown[]): Subscription[] {
    return names.map((name) => this.#all.get(name as string)).filter((found) => found !== undefined)
  }

  /** Keeps these from now on; returns those that are new. */
  add(names: readonly string[]): Subscription[] {
    const fresh = [...new Set(names)].filter((name) => !this.#all.has(name))
    return fresh.map((name) => {
      const made = new Subscription(name, this.options, this.counts, this.chance)
      this.#all.set(name, made)
      this.unwell.set(name, made)
      return made
    })
  }

  /** Keeps this one no longer; returns whether it was kept. */
  remove(name: string): boolean {
    this.unwell.delete(name)
    this.#shown.delete(name)
    return this.#all.delete(name)
  }

  /** Keeps it no longer, since the exchange does not have it, and says so. */
  end(name: string, error: Problem): void {
    this.remove(name)
    const { code = null, detail = null } = error
    this.outbox.tell({ type: "ended", channel: name, code, detail })
  }

  /** Tells the application when a channel's state is another one than it knows. */
  show(subscription: Subscription): void {
    const { name, state, why } = subscription
    if (this.#shown.get(name) === state) return
    this.#shown.set(name, state)
    if (subscription.live) this.unwell.delete(name)
    else this.unwell.set(name, subscription)
    this.outbox.tell({ type: "channel", channel: name, state, why })
  }

  /** Notes that the connection is gone. */
  disconnected(): void {
    for (const subscription of this.all) {
      subscription.disconnected()
      this.show(subscription)
    }
  }
}
