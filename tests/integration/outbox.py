"""The letters that an exchange inside the test's process would have sent."""

import re

from cse.adapters.sql.mail import SqlMailOutbox
from cse.users.mail import Letter, open_letter
from tests.integration.http_exchange import HttpExchange

_LATER_MS = 2**50


async def letters_of(exchange: HttpExchange) -> list[Letter]:
    """Take what waits, oldest first."""
    outbox, box = SqlMailOutbox(exchange.engine), exchange.people.core.box
    now_ms = exchange.deps.clock.now_ms()
    waiting = await outbox.take(now_ms, now_ms + _LATER_MS, 100)
    for each in waiting:
        await outbox.remove(each.number)
    return [open_letter(box, each) for each in waiting]


def token_in(one: Letter) -> str:
    """The token of a letter without a page to link to; empty: it has none."""
    found = re.search(r"(?:Token: |#token=)(\S+)", one.text)
    return found[1] if found else ""


async def tokens_of(exchange: HttpExchange) -> list[str]:
    """Take what waits; return the tokens in it."""
    return [token for one in await letters_of(exchange) if (token := token_in(one))]
