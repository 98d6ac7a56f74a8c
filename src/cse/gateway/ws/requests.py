"""A client's frame taken apart: which operation, which id, and the rest as JSON for whoever does it."""

from typing import Final, NamedTuple

import msgspec

from cse.gateway.problems import edge_problem, invalid
from cse.gateway.requests import nested_too_deeply
from cse.gateway.ws.frames import Encoding, to_json
from cse.gateway.ws.messages import ClientId

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ID: Final[msgspec.json.Decoder[int | str | None]] = msgspec.json.Decoder(ClientId | None)
_TEXT: Final = msgspec.json.Decoder(str)
_ENCODE: Final = msgspec.json.Encoder().encode


class Request(NamedTuple):
    """One operation that a client asks for."""

    op: str
    id: int | str | None
    raw: bytes
    """The whole message as JSON."""
    fields: dict[str, msgspec.Raw]
    """What stands beside `op` and `id`."""

    def body(self) -> bytes:
        """Return what stands beside `op` and `id` as JSON: a REST body."""
        return _ENCODE(self.fields)


def json_of(payload: bytes, encoding: Encoding, *, is_text: bool) -> bytes:
    """Return a message's payload as JSON text.

    Raises:
        ApiProblem: it is of the other kind, nests too deeply, or is no MessagePack.
    """
    if encoding is Encoding.MSGPACK:
        if is_text:
            raise edge_problem("invalid_json", "This connection speaks MessagePack: binary frames.")
        try:
            payload = to_json(payload)
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
            raise edge_problem("invalid_json", "The message is no MessagePack map.") from error
    elif not is_text:
        raise edge_problem("invalid_json", "This connection speaks JSON: text frames.")
    if nested_too_deeply(payload):
        raise edge_problem("invalid_json", "The message is nested too deeply.")
    return payload


def read_object(raw: bytes) -> dict[str, msgspec.Raw]:
    """Return the fields of a message.

    Raises:
        ApiProblem: it is no JSON object.
    """
    try:
        return _OBJECT.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise edge_problem("invalid_json", "The message must be one JSON object.") from error


def read_id(fields: dict[str, msgspec.Raw]) -> int | str | None:
    """Take the client's id out of the fields.

    Raises:
        ApiProblem: it is neither a whole number below 2^53 nor a short text.
    """
    raw = fields.pop("id", None)
    if raw is None:
        return None
    try:
        return _ID.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise invalid(
            {"id": "must be a whole number below 2^53 or a text of at most 64"}
        ) from error


def read_op(fields: dict[str, msgspec.Raw]) -> str:
    """Take the operation's name out of the fields.

    Raises:
        ApiProblem: it is missing or no text.
    """
    raw = fields.pop("op", None)
    if raw is None:
        raise invalid({"op": "is required"})
    try:
        return _TEXT.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise invalid({"op": "must be text in quotes"}) from error
