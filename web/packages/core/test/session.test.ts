/** Sessions: tokens are renewed in time, once for all who wait, one tab after the other, and end when they end. */

import { createApi, Session, told } from "@cse/core"
import { beforeEach, describe, expect, it } from "vitest"
import { FakeExchange, problem } from "./exchange.ts"

let exchange: FakeExchange
let now: number

beforeEach(() => {
  exchange = new FakeExchange()
  now = 0
})

/** A lock that all tabs of a browser share, as `navigator.locks` is. */
function lock(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}

function tab(exclusively?: <T>(work: () => Promise<T>) => Promise<T>): Session {
  return new Session({ fetch: exchange.fetch, now: () => now, ...(exclusively ? { exclusively } : {}) })
}

function client(session: Session, account: number | null = null) {
  return createApi({ session, fetch: exchange.fetch, base: "http://exchange", account: () => account })
}

describe("a tab", () => {
  it("asks the cookie once, and then uses its token until shortly before it ends", async () => {
    const session = tab()
    expect(session.state).toBe("unknown")
    const first = await session.token()
    expect(session.state).toBe("person")
    expect(session.person).toBe("7")
    now = 800_000
    expect(await session.token()).toBe(first)
    now = 880_000 // less than 30 s are left
    expect(await session.token()).not.toBe(first)
    expect(exchange.calls).toHaveLength(2)
  })

  it("refreshes once for all who ask at the same time", async () => {
    const session = tab()
    const tokens = await Promise.all([session.token(), session.token(), session.refresh()])
    expect(new Set(tokens).size).toBe(1)
    expect(exchange.calls).toHaveLength(1)
  })

  it("is a visitor without a cookie, and asks no more", async () => {
    exchange.cookie = null
    const session = tab()
    expect(await session.token()).toBeNull()
    expect(await session.token()).toBeNull()
    expect(session.state).toBe("anonymous")
    expect(exchange.calls).toHaveLength(1)
  })

  it("stays who it is while the exchange does not answer", async () => {
    const session = tab()
    await session.token()
    exchange.down = true
    now = 900_000
    await expect(session.token()).rejects.toMatchObject({ code: "offline" })
    expect(session.state).toBe("person")
    exchange.down = false
    expect(await session.token()).not.toBeNull()
  })

  it("tells of arrivals, of another person, and of the end, once each", async () => {
    const session = tab()
    const heard: string[] = []
    const end = session.listen((state) => heard.push(`${state} ${session.person ?? "-"}`))
    await session.refresh()
    await session.refresh()
    exchange.person = "8"
    await session.refresh()
    session.end()
    session.end()
    end()
    session.begin(exchange.tokens())
    expect(heard).toEqual(["person 7", "person 8", "anonymous -"])
  })
})

describe("two tabs", () => {
  it("take turns, so that neither uses a refresh token that the other has spent", async () => {
    const shared = lock()
    const [one, other] = [tab(shared), tab(shared)]
    const tokens = await Promise.all([one.token(), other.token()])
    expect(tokens.every((token) => token !== null)).toBe(true)
    expect([one.state, other.state]).toEqual(["person", "person"])
  })

  it("would lose the session without the lock", async () => {
    const opened: (() => void)[] = []
    exchange.gate = new Promise((resolve) => opened.push(resolve))
    const [one, other] = [tab(), tab()]
    const both = Promise.all([one.token(), other.token()])
    opened[0]?.()
    expect((await both).filter((token) => token === null)).toHaveLength(1)
  })
})

describe("calls", () => {
  it("renew a token that was refused, once, and are sent again", async () => {
    const session = tab()
    await session.token()
    exchange.good += 1 // the exchange forgot our token
    told(await client(session).GET("/api/account"))
    expect(exchange.calls).toEqual(["/api/auth/refresh", "/api/account", "/api/auth/refresh", "/api/account"])
  })

  it("do not renew for ever", async () => {
    const session = tab()
    const stubborn = createApi({
      session,
      base: "http://exchange",
      fetch: async (input) =>
        String(input instanceof Request ? input.url : input).endsWith("refresh")
          ? await exchange.fetch(input)
          : problem(401, "token_expired"),
    })
    await expect(stubborn.GET("/api/account")).rejects.toMatchObject({ code: "token_expired" })
    expect(exchange.calls).toEqual(["/api/auth/refresh", "/api/auth/refresh"])
  })

  it("end the session when the cookie is over, too", async () => {
    const session = tab()
    await session.token()
    exchange.good += 1
    exchange.cookie = null
    await expect(client(session).GET("/api/account")).rejects.toMatchObject({ code: "token_expired" })
    expect(session.state).toBe("anonymous")
  })

  it("say whose account they are about, for people only", async () => {
    const session = tab()
    const found = (await client(session, 12).GET("/api/account")) as { data?: unknown }
    expect(found.data).toEqual({ account: "12" })
    const other = (await client(session, 12).GET("/api/account", { headers: { "X-CSE-ACCOUNT": "13" } })) as { data?: unknown }
    expect(other.data).toEqual({ account: "13" })
  })

  it("are told as offline when no answer comes", async () => {
    const session = tab()
    await session.token()
    exchange.down = true
    await expect(client(session).GET("/api/account")).rejects.toMatchObject({ code: "offline", retryable: true })
  })
})
