"""Registration, proofs of addresses and their change, on the configured database and mail."""

from functools import partial
from typing import NamedTuple

from cse.adapters.sql.email_changes import SqlEmailChangeStore
from cse.adapters.sql.registrations import SqlRegistrationStore
from cse.settings import Settings
from cse.users.accounts import AccountOpener
from cse.users.core import UserCore
from cse.users.registration.email_change import EmailChange, EmailChangeParts
from cse.users.registration.post import AddressPost, Links
from cse.users.registration.registering import Registration, RegistrationParts
from cse.wiring.ground import Ground
from cse.wiring.mail import change_link, mailer, verify_link


class Addresses(NamedTuple):
    """What is served about e-mail addresses."""

    registration: Registration
    email_change: EmailChange


def addresses(ground: Ground) -> Addresses:
    """Put both together."""
    settings, engine, core, deps = ground
    post = _post(settings, core)
    registration = Registration(
        RegistrationParts(
            users=core.users,
            store=SqlRegistrationStore(engine),
            hasher=core.hasher,
            cache=core.cache,
            clock=core.clock,
            opener=AccountOpener(core.users, core.queue, core.clock),
            at_once=deps.users.register,
            require_open=deps.users.require_open,
            post=post,
            verify_first=settings.verifies_first,
        )
    )
    changes = EmailChangeParts(
        core.users, SqlEmailChangeStore(engine), core.session_list, core.clock, post
    )
    return Addresses(registration, EmailChange(changes))


def _post(settings: Settings, core: UserCore) -> AddressPost | None:
    if mailer(settings) is None:
        return None
    links = Links(partial(verify_link, settings), partial(change_link, settings))
    in_mailbox = settings.sandbox and not settings.mail.host
    return AddressPost(core.box, links, logs_links=in_mailbox)
