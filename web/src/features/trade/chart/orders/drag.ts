/**
 * What happens to an order's line from the press until the exchange answered: dragged, asked about, sent, and then
 * either waited with for the stream's word or put back.
 */

export type Drag =
  | { at: "rest" }
  /** Follows the pointer or the arrow keys. */
  | { at: "moving"; price: string }
  /** Let go; the person is asked. */
  | { at: "asking"; price: string }
  | { at: "sending"; price: string }
  /** Done; shown at its new price until the stream says so, too. */
  | { at: "done"; price: string }

export type DragEvent =
  | { do: "move"; price: string }
  /** `from`: the order's price as it is; `ask`: whether the person wants to be asked. */
  | { do: "release"; from: string; ask: boolean }
  | { do: "agree" }
  | { do: "dismiss" }
  | { do: "answered" }
  | { do: "refused" }
  /** The stream says the order anew. */
  | { do: "changed" }

const REST: Drag = { at: "rest" }

type Rule<E> = (state: Drag, event: E) => Drag

const RULES: { [D in DragEvent["do"]]: Rule<Extract<DragEvent, { do: D }>> } = {
  move: (state, { price }) => (state.at === "sending" ? state : { at: "moving", price }),
  release: (state, { from, ask }) => {
    if (state.at !== "moving") return state
    return state.price === from ? REST : { at: ask ? "asking" : "sending", price: state.price }
  },
  agree: (state) => (state.at === "asking" ? { at: "sending", price: state.price } : state),
  dismiss: (state) => (state.at === "moving" || state.at === "asking" ? REST : state),
  answered: (state) => (state.at === "sending" ? { at: "done", price: state.price } : state),
  refused: (state) => (state.at === "sending" ? REST : state),
  changed: (state) => (state.at === "done" ? REST : state),
}

export function dragged(state: Drag, event: DragEvent): Drag {
  return (RULES[event.do] as Rule<DragEvent>)(state, event)
}

/** Where the line stands, given where its order is. */
export function shownPrice(state: Drag, own: string): string {
  return state.at === "rest" ? own : state.price
}
