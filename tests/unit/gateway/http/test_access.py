"""Who gets in: scopes, and what guessing costs."""

from tests.unit.gateway.world import MARKET, World


async def test_a_login_needs_the_scope_of_the_call() -> None:
    """Reading does not let anybody trade, and the answer says which scope is missing."""
    world = World()
    world.authenticator.scopes = frozenset({"read"})
    async with world.client() as ann:
        assert (await ann.get("/api/balances")).status_code == 200
        body = {"market": MARKET, "side": "buy", "type": "market", "quantity": "1"}
        assert (await ann.post("/api/orders/preview", json=body)).status_code == 200
        answer = await ann.post("/api/orders", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "`trade`" in answer.json()["detail"]


async def test_guessing_tokens_is_limited() -> None:
    """Refused logins take from the address's bucket: after the burst it is 429, whatever the token."""
    world = World(limits=(1, 3))
    async with world.client(None, authorization="Bearer nobody") as guesser:
        codes = [(await guesser.get("/api/balances")).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]


async def test_classes_of_calls_do_not_starve_each_other() -> None:
    """Charts never use up what orders need."""
    world = World(limits=(1, 2))
    async with world.client() as ann:
        public = [(await ann.get("/api/tickers")).status_code for _ in range(3)]
        assert public == [200, 200, 429]
        assert (await ann.get("/api/balances")).status_code == 200
        assert (await ann.delete("/api/orders")).status_code == 200


async def test_buckets_refill() -> None:
    """After as long as Retry-After says there is room again."""
    world = World(limits=(1, 1))
    async with world.client() as ann:
        assert (await ann.get("/api/time")).status_code == 200
        refused = await ann.get("/api/time")
        assert refused.status_code == 429
        world.clock.time_ms += int(refused.headers["retry-after"]) * 1_000
        assert (await ann.get("/api/time")).status_code == 200
