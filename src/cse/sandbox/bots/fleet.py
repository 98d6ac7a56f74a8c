"""All bots of the sandbox: who they are, and what keeps them going."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Final

import msgspec
import structlog

from cse.sandbox.bots.account import BotAccount
from cse.sandbox.bots.fair_value import FairValue
from cse.sandbox.bots.feed import MarketFeed
from cse.sandbox.bots.instrument import Instrument
from cse.sandbox.bots.market_maker import MarketMaker, Quoting
from cse.sandbox.bots.momentum import MomentumTrader
from cse.sandbox.bots.noise import NoiseTrader
from cse.sandbox.bots.strategy import Strategy
from cse.sandbox.client.credentials import CredentialStore
from cse.sandbox.client.rest import RestClient
from cse.sandbox.venue import CREATOR_MARKETS

log = structlog.get_logger(__name__)

_PATIENCE_S: Final = 86_400.0
"""Bots wait a day for an exchange that is away."""


class Member(msgspec.Struct, frozen=True):
    """One bot: its name also seeds its randomness."""

    name: str
    kind: str
    worth: int
    """Play money in each asset, in whole quote."""


FLEET: Final = (
    *(Member(f"maker{number}", "maker", 200_000) for number in (1, 2)),
    *(Member(f"noise{number}", "noise", 20_000) for number in range(1, 6)),
    *(Member(f"trend{number}", "trend", 20_000) for number in range(1, 4)),
)
"""Ten accounts: two market makers, five noise traders, three momentum traders."""

_WIDE: Final = Quoting(half_spread=0.0022, level_step=0.0025, first_quote=900, pause_s=0.8)


async def run_bots(url: str, seed: int, credentials_path: Path) -> None:
    """Trade on the exchange at `url` until cancelled; the bots' log-ins are kept at `credentials_path`.

    What one bot wants depends on `seed`, its name and what it sees; the exchange's answers and the clock
    do the rest (docs/decisions/0024).
    """
    store = CredentialStore(credentials_path)
    async with AsyncExitStack() as stack:
        public = await stack.enter_async_context(RestClient(url, patience_s=_PATIENCE_S))
        instruments = await read_instruments(public)
        values = {
            market: FairValue(seed, market, instrument.listed_at, instrument.found_at)
            for market, instrument in instruments.items()
        }
        feed = MarketFeed(public, instruments)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(feed.run(), name="feed")
            for member in FLEET:
                rest = RestClient(url, store.get(member.name), _PATIENCE_S)
                await stack.enter_async_context(rest)
                await rest.log_in()
                account = BotAccount(member.name, rest, instruments, member.worth)
                strategy = make_strategy(member, seed, instruments, values)
                tasks.create_task(account.stream.run(), name=f"{member.name} stream")
                tasks.create_task(_drive(account, strategy, feed), name=member.name)
            log.info("bots_trading", bots=len(FLEET), markets=len(instruments), seed=seed)


async def read_instruments(public: RestClient) -> dict[str, Instrument]:
    """Read the creator markets that are open, as bots count in them."""
    wanted = {market.symbol: market.reference_price for market in CREATOR_MARKETS}
    markets = (await public.get("/markets"))["markets"]
    return {
        info["market"]: Instrument.read(info, wanted[info["market"]])
        for info in markets
        if info["market"] in wanted and info["status"] == "open"
    }


def make_strategy(
    member: Member, seed: int, instruments: dict[str, Instrument], values: dict[str, FairValue]
) -> Strategy:
    """Return a member's strategy with a generator of its own."""
    rng = Random(f"{member.name} {seed}")
    if member.kind == "noise":
        return NoiseTrader(rng, instruments)
    if member.kind == "trend":
        return MomentumTrader(rng, instruments)
    return MarketMaker(rng, instruments, values, _WIDE if member.name == "maker2" else None)


async def _drive(account: BotAccount, strategy: Strategy, feed: MarketFeed) -> None:
    """Decide and act for as long as there is a connection; wait while there is none."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        await asyncio.sleep(strategy.pause_s())
        await account.stream.connected.wait()
        market = strategy.next_market()
        view = account.view(market, feed.view(market))
        for intent in strategy.decide(market, view, loop.time() - began):
            await account.act(intent)
