"""/api/keys: what people give their programs to log in with and to sign requests with (docs/reference/api-keys.md)."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from cse.core.ids import MAX_ID
from cse.gateway.auth import Principal
from cse.gateway.concerns import served
from cse.gateway.cursors import KEYS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.lists import Page
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, edge_problem, from_reject_code, invalid, not_found
from cse.gateway.requests import decode
from cse.gateway.schemas import Id, TimeMs
from cse.messages.reject_codes import RejectCode
from cse.users.api_keys import MAX_OVERLAP_MS, MIN_OVERLAP_MS, OVERLAP_MS
from cse.users.errors import (
    InvalidField,
    KeyKnown,
    KeyOver,
    RotationRuns,
    TooManyKeys,
    TooManyNewKeys,
    UnknownAccount,
    UnknownUser,
)
from cse.users.identity_checks.errors import LevelTooLow
from cse.users.key_requests import (
    MAX_ADDRESS_LENGTH,
    MAX_ADDRESSES,
    MAX_NAME_LENGTH,
    KeyRequest,
)
from cse.users.model import ED25519, HMAC, ApiKey, Guarded, MadeKey

TAG: Final = "people"
KEY_CODES: Final[dict[str, tuple[int, str]]] = {
    "public_key_known": (409, "There is or was an API key with this public key; make a new pair."),
    "too_many_keys": (409, "There are as many API keys as one may have or make; delete one."),
    "rotation_runs": (
        409,
        "The key was rotated lately and its overlap runs; delete it if it leaked.",
    ),
    "key_not_good": (409, "The API key is deleted or has expired: it cannot be rotated."),
    "invalid_api_key": (
        401,
        "The API key, its signature or the address it comes from is not good.",
    ),
    "timestamp_outside_window": (401, "The timestamp is older than the window, or of the future."),
    "signature_used": (401, "This signature was good once and has been used; sign again."),
}
"""Codes of these calls besides problems.EDGE_CODES: status and meaning."""

ScopeName = Literal["read", "trade", "withdraw"]
_EXAMPLE: Final = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""The public key of RFC 8032, 7.1, test 1."""
_KEY_ID: Final = "^[0-9a-f]{32}$"


class KeyCreateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to be. Of Ed25519 the private half stays with whoever asks; of HMAC we make the secret."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, examples=["market maker"])]
    """What you call it."""
    scopes: Annotated[
        list[ScopeName], Meta(min_length=1, max_length=3, examples=[["read", "trade"]])
    ]
    public_key: Annotated[
        Annotated[str, Meta(max_length=256)] | None,
        Meta(
            examples=[_EXAMPLE],
            description="32 bytes, base64 or hex; of Ed25519 required, of HMAC refused.",
        ),
    ] = None
    kind: Literal["ed25519", "hmac-sha256"] = "ed25519"
    ip_allowlist: Annotated[
        list[Annotated[str, Meta(max_length=MAX_ADDRESS_LENGTH)]],
        Meta(
            max_length=MAX_ADDRESSES,
            examples=[["203.0.113.0/24", "2001:db8::7"]],
            description="Addresses and networks that it may be used from; empty: from anywhere.",
        ),
    ] = []
    expires_at: Annotated[int, Meta(ge=0, le=MAX_ID, examples=[4_102_444_800_000])] | None = None
    """Unix milliseconds; null: it is good until it is deleted."""
    account_id: Annotated[int, Meta(ge=1, le=MAX_ID)] | None = None
    """The account that it acts on, and no other; null: the one that this call acts on (`X-CSE-ACCOUNT`)."""


class Key(msgspec.Struct, frozen=True):
    """An API key."""

    id: Annotated[str, Meta(pattern=_KEY_ID)]
    """What a program calls itself by; no secret."""
    account_id: Id
    """The one that it acts on."""
    name: str
    kind: Annotated[str, Meta(examples=[ED25519, HMAC])]
    public_key: Annotated[str, Meta(pattern=r"^[0-9A-Za-z+/]{43}=$", examples=[_EXAMPLE])] | None
    """In base64; null for kinds that have none."""
    scopes: list[ScopeName]
    ip_allowlist: list[str]
    created_at: TimeMs
    expires_at: TimeMs | None
    last_used_at: TimeMs | None
    """Up to a minute behind; null: never."""
    revoked_at: TimeMs | None
    """Null as long as it is good."""
    old_until: TimeMs | None
    """Until when what it had before its last rotation is good too; null: it was never rotated."""


class KeyAnswer(msgspec.Struct, frozen=True):
    """One key."""

    key: Key


class NewKeyAnswer(Guarded, frozen=True):
    """A key that was made or rotated."""

    key: Key
    secret: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None
    """Of HMAC: the key of HMAC-SHA256, these 64 characters as they stand. Shown here and never again."""


class KeyRotateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a key is to have from now on."""

    public_key: Annotated[str, Meta(max_length=256, examples=[_EXAMPLE])] | None = None
    """The new one, of Ed25519; HMAC gets a new secret."""
    overlap_ms: Annotated[int, Meta(ge=MIN_OVERLAP_MS, le=MAX_OVERLAP_MS)] = OVERLAP_MS
    """How long what it has now stays good: 15 minutes to 7 days. If that leaked, delete the key instead."""


class KeyList(msgspec.Struct, frozen=True):
    """A page of own keys, newest first; deleted ones are not among them."""

    keys: list[Key]
    next_cursor: str | None


class KeyCalls:
    """Own API keys over HTTP. Only a person's log-in opens these calls, never an API key."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def keys(self, call: Call) -> Answer:
        """Return own keys that are not deleted, newest first; those that have expired are among them."""
        person = self._person(call)
        wanted: Page = call.query(Page)
        after = read_cursor(KEYS, wanted.cursor)
        found = await self._deps.users.api_keys.keys_of(
            person.user_id, before=after[0] if after else None, limit=wanted.limit + 1
        )
        page = found[: wanted.limit]
        cursor = write_cursor(KEYS, page[-1].number) if len(found) > wanted.limit else None
        return Answer(200, encode(KeyList([_key_json(key) for key in page], cursor)))

    async def create(self, call: Call) -> Answer:
        """Make an API key: register an Ed25519 public key, or get a secret for HMAC-SHA256.

        Make a pair where the program runs (`cse keys new`); the private key stays there.
        A public key is good for one API key, also after that was deleted: sending the same again after an answer
        that was lost makes no second one (409 `public_key_known`; GET /api/keys shows it).
        A secret is in this answer and never again: if the answer was lost, delete the key and make another.
        """
        person = self._person(call)
        asked = decode(KeyCreateRequest, call.body)
        if beyond := sorted(set(asked.scopes) - person.scopes):
            raise edge_problem("forbidden", f"This login cannot give the scope `{beyond[0]}`.")
        account_id = asked.account_id or call.account_id
        with _refusals():
            if "withdraw" in asked.scopes:
                await served(self._deps.concerns.registration).require_verified(person.user_id)
                await self._require_identity(person.user_id)
            made = await self._deps.users.api_keys.create(
                person.user_id,
                KeyRequest(
                    name=asked.name,
                    public_key=asked.public_key,
                    scopes=asked.scopes,
                    ip_allowlist=asked.ip_allowlist,
                    expires_at=asked.expires_at,
                    kind=asked.kind,
                    sub_account_id=None if account_id == person.account_id else account_id,
                ),
            )
        return Answer(201, _shown_once(made))

    async def _require_identity(self, user_id: int) -> None:
        """Let only people make keys that withdraw whose identity level covers it, where levels are served."""
        checks = self._deps.concerns.identity_checks
        if checks is not None:
            await checks.require_withdraw_level(user_id)

    async def rotate(self, call: Call) -> Answer:
        """Give a key a new secret (HMAC) or a new public key (Ed25519); what it has now is good for the overlap.

        One rotation at a time: 409 `rotation_runs` as long as the last one's overlap runs.
        """
        person = self._person(call)
        asked = decode(KeyRotateRequest, call.body)
        with _refusals():
            made = await self._deps.users.api_keys.rotate(
                person.user_id, call.path["key_id"], asked.public_key, asked.overlap_ms
            )
        if made is None:
            raise not_found("API key")
        return Answer(200, _shown_once(made))

    async def delete(self, call: Call) -> Answer:
        """Take a key back for good: it opens nothing any more, and its sessions end everywhere within a second.

        Deleting it again answers the same.
        """
        person = self._person(call)
        key = await self._deps.users.api_keys.revoke(person.user_id, call.path["key_id"])
        if key is None:
            raise not_found("API key")
        return Answer(200, encode(KeyAnswer(_key_json(key))))

    def _person(self, call: Call) -> Principal:
        """Return who is logged in: these calls take nothing but a person's access token."""
        header = call.context.headers.get(b"authorization")
        return self._deps.authenticator.authenticate(
            None if header is None else header.decode("latin-1")
        )


def key_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about own API keys."""
    calls, read = KeyCalls(deps), Need.READ
    return [
        Operation("GET", "/api/keys", calls.keys, "Own API keys", TAG, KeyList, read, query=Page),
        Operation(
            "POST",
            "/api/keys",
            calls.create,
            "Make an API key",
            TAG,
            NewKeyAnswer,
            read,
            body=KeyCreateRequest,
            status=201,
            statuses=(404, 409),
        ),
        Operation(
            "POST",
            "/api/keys/{key_id}/rotate",
            calls.rotate,
            "Rotate an API key",
            TAG,
            NewKeyAnswer,
            read,
            body=KeyRotateRequest,
            statuses=(404, 409),
            parameters={"key_id": {"type": "string", "pattern": _KEY_ID}},
        ),
        Operation(
            "DELETE",
            "/api/keys/{key_id}",
            calls.delete,
            "Delete an API key",
            TAG,
            KeyAnswer,
            read,
            statuses=(404,),
            parameters={"key_id": {"type": "string", "pattern": _KEY_ID}},
        ),
    ]


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell the user service's refusals as the API tells them; what is no refusal passes through."""
    try:
        yield
    except InvalidField as error:
        raise invalid({error.field: error.reason}) from error
    except LevelTooLow as error:
        raise ApiProblem(error.status, error.code, str(error)) from error
    except KeyKnown as error:
        raise ApiProblem(409, "public_key_known", str(error)) from error
    except RotationRuns as error:
        raise ApiProblem(409, "rotation_runs", str(error)) from error
    except KeyOver as error:
        raise ApiProblem(409, "key_not_good", str(error)) from error
    except (TooManyKeys, TooManyNewKeys) as error:
        raise ApiProblem(409, "too_many_keys", str(error)) from error
    except UnknownAccount as error:
        raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND) from error
    except UnknownUser as error:
        raise ApiProblem(401, "invalid_token", str(error)) from error


def _shown_once(made: MadeKey) -> bytes:
    return encode(NewKeyAnswer(_key_json(made.key), made.secret))


def _key_json(key: ApiKey) -> Key:
    public_key = None if key.public_key is None else b64encode(key.public_key).decode("ascii")
    return Key(
        id=key.key_id,
        account_id=key.account_id,
        name=key.name,
        kind=key.kind,
        public_key=public_key,
        scopes=sorted(key.scopes),  # type: ignore[arg-type]  # key_requests lets no other scopes in
        ip_allowlist=list(key.ip_allowlist),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        old_until=key.old_until,
    )
