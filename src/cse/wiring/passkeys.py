"""Passkeys on the configured database, cache and domain."""

from typing import Final

from cse.adapters.sql.passkeys import SqlPasskeyStore
from cse.settings import Settings
from cse.users.passkeys.challenges import Challenges
from cse.users.passkeys.checking import CheckParts, PasskeyChecker
from cse.users.passkeys.desk import PasskeyDesk
from cse.users.passkeys.log_in import LogInParts, PasskeyLogIns
from cse.users.passkeys.model import RelyingParty
from cse.users.passkeys.service import PasskeyParts, Passkeys
from cse.users.refused_logins import RefusedLogIns
from cse.wiring.ground import Ground

_SANDBOX: Final = RelyingParty("localhost", ("http://localhost:*", "http://localhost"))


def relying_party(settings: Settings) -> RelyingParty | None:
    """Return the exchange as authenticators know it; None: production that says nothing of passkeys."""
    chosen = settings.passkeys
    if chosen.rp_id:
        return RelyingParty(chosen.rp_id, chosen.origins)
    return _SANDBOX if settings.sandbox else None


def passkeys(ground: Ground) -> PasskeyDesk | None:
    """Put passkeys together, and let second factors take them; None: see `relying_party`."""
    party, core = relying_party(ground.settings), ground.core
    if party is None:
        return None
    store, challenges = SqlPasskeyStore(ground.engine), Challenges(core.cache)
    checker = PasskeyChecker(CheckParts(store, challenges, party, core.trail, core.clock))
    core.factors.accept_passkeys(checker)
    own = Passkeys(
        PasskeyParts(
            store=store,
            users=core.users,
            challenges=challenges,
            checker=checker,
            factors=core.factors,
            party=party,
            audit=core.trail,
            notices=core.notices,
            clock=core.clock,
        )
    )
    refused = RefusedLogIns(core.trail, core.clock)
    log_ins = PasskeyLogIns(LogInParts(store, core.users, checker, core.sessions, refused))
    return PasskeyDesk(own, log_ins)
