"""What people are told of which act: one catalogue. Acts that have letters of their own are not in it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from cse.users.audit import Act
from cse.users.audit_log import AuditRecord
from cse.users.notices import Notice

_PERSON: Final = "user:"
Facts = Mapping[str, Any]
Letter = Callable[[Facts], Notice | None]


class Told(NamedTuple):
    """Whom to tell what."""

    user_id: int
    notice: Notice


def told_of(record: AuditRecord) -> Told | None:
    """Return who is to be told what of a record; None: nobody, or it is told elsewhere."""
    write = _LETTERS.get(record.act)
    user_id = concerned(record)
    if write is None or user_id is None:
        return None
    notice = write(msgspec.json.decode(record.after))
    if notice is None:
        return None
    where = (
        f", from the address {record.ip}" if record.ip and record.actor.startswith(_PERSON) else ""
    )
    own = record.actor == f"{_PERSON}{user_id}"
    return Told(user_id, notice._replace(text=f"{notice.text}{where if own else ''}."))


def concerned(record: AuditRecord) -> int | None:
    """Return whose account a record is about: the person it was done to, or else who did it."""
    for name in (record.object, record.actor):
        number = name.removeprefix(_PERSON)
        if number != name and number.isdigit():
            return int(number)
    return None


def new_place(record: AuditRecord) -> Told | None:
    """Return what is told of a log-in from where there was none before."""
    user_id = concerned(record)
    if user_id is None:
        return None
    agent = msgspec.json.decode(record.after).get("user_agent") or "an unknown program"
    text = f"Somebody logged in to your account from a new place: the address {record.ip}, with {agent}."
    return Told(user_id, Notice("A log-in from a new place", _plain(text)))


def _plain(text: str) -> str:
    """Return text that a letter takes: what a client says of itself may be anything printable."""
    return "".join(char if char.isprintable() else " " for char in text)


def _always(subject: str, text: str) -> Letter:
    notice = Notice(subject, text)
    return lambda _facts: notice


def _of_totp(subject: str, text: str) -> Letter:
    notice = Notice(subject, text)
    return lambda facts: notice if facts.get("kind") == "totp" else None


def _of_roles(subject: str) -> Letter:
    def write(facts: Facts) -> Notice:
        roles = ", ".join(facts.get("roles") or ()) or "none"
        return Notice(subject, f"Your roles at the exchange were changed. You have now: {roles}")

    return write


def _of_code(facts: Facts) -> Notice:
    left = facts.get("codes_left")
    return Notice("A recovery code was used", f"A recovery code of yours was used; {left} are left")


_LETTERS: Final[Mapping[str, Letter]] = {
    Act.PASSWORD_CHANGED.value: _always(
        "Your password was changed", "The password of your account was changed"
    ),
    Act.FACTOR_ADDED.value: _of_totp(
        "An authenticator was added", "An authenticator was added to your account"
    ),
    Act.FACTOR_REMOVED.value: _of_totp(
        "Your authenticator was removed",
        "The authenticator of your account and all its recovery codes were removed",
    ),
    Act.RECOVERY_CODES_MADE.value: _always(
        "New recovery codes", "New recovery codes were made; all earlier ones are good no more"
    ),
    Act.RECOVERY_CODE_USED.value: _of_code,
    Act.KEY_MADE.value: _always("An API key was made", "An API key was made for your account"),
    Act.KEY_ROTATED.value: _always(
        "An API key was rotated", "What signs for one of your API keys was replaced"
    ),
    Act.KEY_REVOKED.value: _always("An API key was deleted", "One of your API keys was deleted"),
    Act.ROLE_GRANTED.value: _of_roles("You were given a role"),
    Act.ROLE_REVOKED.value: _of_roles("A role was taken from you"),
    Act.REFRESH_REUSED.value: _always(
        "One of your sessions was ended",
        "A session of yours was ended, since its refresh token was used a second time: somebody may have a copy of it",
    ),
    Act.DATA_EXPORTED.value: _always(
        "Your data was exported", "An export of all that is held about you was made"
    ),
}
