"""A person's own passkeys: made, listed, named and removed. All but the list is behind a step-up (`http.step_up`)."""

import secrets
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, AuditTrail, user_actor
from cse.users.errors import InvalidField, UnknownUser
from cse.users.factors import Factors
from cse.users.model import User
from cse.users.notices import Notice, Notices
from cse.users.passkeys.challenges import Challenges
from cse.users.passkeys.checking import PasskeyChecker
from cse.users.passkeys.errors import LastFactor, TooManyPasskeys
from cse.users.passkeys.model import Attestation, Passkey, Purpose, RelyingParty, Use
from cse.users.passkeys.ports import PasskeyStore
from cse.users.passkeys.verifying import (
    NewPerson,
    Options,
    challenge_in,
    registration_options,
    verify_registration,
)
from cse.users.ports import UserStore

MOST: Final = 20
"""Passkeys that one person may have."""
MAX_LABEL_LENGTH: Final = 64
"""Characters."""
_HANDLE_BYTES: Final = 32
_PASSKEY: Final = "passkey"


class PasskeyParts(NamedTuple):
    """What passkeys are kept with."""

    store: PasskeyStore
    users: UserStore
    challenges: Challenges
    checker: PasskeyChecker
    factors: Factors
    party: RelyingParty
    audit: AuditTrail
    notices: Notices
    clock: Clock


class Added(NamedTuple):
    """A passkey that was added."""

    passkey: Passkey
    recovery_codes: list[str] | None
    """Shown once; None: the person had a second factor, and with it recovery codes, already."""


class Passkeys:
    """What people do with their passkeys, besides logging in."""

    def __init__(self, parts: PasskeyParts) -> None:
        """Use these."""
        self._store = parts.store
        self._users = parts.users
        self._challenges = parts.challenges
        self._checker = parts.checker
        self._factors = parts.factors
        self._party = parts.party
        self._audit = parts.audit
        self._notices = parts.notices
        self._clock = parts.clock

    async def registration_options(self, user_id: int, session_id: str) -> Options:
        """Return what a browser makes a passkey with, in this session; errors: Unavailable, as everywhere here.

        Raises:
            TooManyPasskeys: there are as many as one may have.
            UnknownUser: there is no such person.
        """
        user = await self._user(user_id)
        known = await self._store.passkeys_of(user_id)
        if len(known) >= MOST:
            raise TooManyPasskeys(MOST)
        handle = known[0].handle if known else secrets.token_bytes(_HANDLE_BYTES)
        use = Use(Purpose.REGISTER, user_id, session_id)
        challenge = await self._challenges.new(use, handle)
        person = NewPerson(handle, user.email, user.handle)
        return registration_options(self._party, person, challenge, known)

    async def add(self, user_id: int, session_id: str, made: Attestation, label: str) -> Added:
        """Store a passkey that was made for options of this session; log-ins ask for it from now on.

        The session has proved with this who uses it; others prove it anew before they change anything.

        Raises:
            InvalidField: the label is empty or not printable.
            PasskeyRefused: it was not made for such options; they are used up.
            PasskeyKnown, TooManyPasskeys, UnknownUser: see `PasskeyStore.add`.
        """
        name = checked_label(label)
        challenge = challenge_in(made.client_data)
        use = Use(Purpose.REGISTER, user_id, session_id)
        asked = await self._challenges.take(challenge, use)
        verified = verify_registration(made, challenge, self._party)
        passkey = Passkey(
            passkey_id=secrets.token_hex(16),
            user_id=user_id,
            credential_id=verified.credential_id,
            public_key=verified.public_key,
            handle=asked.handle,
            label=name,
            sign_count=verified.sign_count,
            transports=made.transports,
            backed_up=verified.backed_up,
            created_at=self._clock.now_ms(),
        )
        codes, digests = self._factors.new_codes(user_id)
        await self._record(Act.FACTOR_ADDED, passkey)
        is_first = await self._store.add(passkey, digests, MOST)
        if is_first:
            await self._factors.mark_proved(user_id, session_id)
        await self._tell(user_id, "A passkey was added", f"The passkey {name!r} was added")
        return Added(passkey, codes if is_first else None)

    async def of(self, user_id: int) -> Sequence[Passkey]:
        """Return all passkeys of a person, oldest first; there are never more than `MOST`."""
        return await self._store.passkeys_of(user_id)

    async def rename(self, user_id: int, passkey_id: str, label: str) -> Passkey | None:
        """Give a passkey another label; None: they have no such passkey. Raises InvalidField."""
        return await self._store.rename(user_id, passkey_id, checked_label(label))

    async def remove(
        self, user_id: int, passkey_id: str, password: str | None = None
    ) -> Passkey | None:
        """Remove a passkey; the last second factor with its owner's password only. None: they have no such passkey.

        Raises:
            LastFactor: it is the last second factor and no password came; nothing was removed.
            WrongProof, TooManyAttempts: the password is wrong; see `Factors.check_password`.
        """
        mine = {each.passkey_id: each for each in await self._store.passkeys_of(user_id)}
        if (passkey := mine.get(passkey_id)) is None:
            return None
        if password is not None:
            await self._factors.check_password(user_id, password)
        elif len(mine) == 1 and (await self._factors.held(user_id)).totp is None:
            raise LastFactor
        await self._record(Act.FACTOR_REMOVED, passkey)
        # Another one may have been removed meanwhile: what is the last one is for the store to say.
        removed = await self._store.remove(user_id, passkey_id, spare_last=password is None)
        if removed is None:
            return None
        label = removed.passkey.label
        left = "" if removed.factor_left else ", and with it your last second factor"
        await self._tell(
            user_id, "A passkey was removed", f"The passkey {label!r}{left} was removed"
        )
        return removed.passkey

    async def step_up_options(self, user_id: int, session_id: str) -> Options:
        """Return the options of an assertion that is a proof in this session."""
        return await self._checker.options(Use(Purpose.STEP_UP, user_id, session_id))

    async def _user(self, user_id: int) -> User:
        known = await self._users.credentials_of(user_id)
        if known is None:
            raise UnknownUser
        return known.user

    async def _tell(self, user_id: int, subject: str, what: str) -> None:
        await self._notices.tell(user_id, Notice(subject, f"{what}, at your account."))

    async def _record(self, act: Act, passkey: Passkey) -> None:
        who = user_actor(passkey.user_id)
        facts = {"kind": _PASSKEY, "passkey": passkey.passkey_id, "label": passkey.label}
        await self._audit.record(AuditAct(act=act, actor=who, object=who, after=facts))


def checked_label(text: str) -> str:
    """Return a label as it is stored.

    Raises:
        InvalidField: it is empty, too long or not printable.
    """
    label = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(label) <= MAX_LABEL_LENGTH or not label.isprintable():
        raise InvalidField("label", f"must be 1 to {MAX_LABEL_LENGTH} printable characters")
    return label
