"""Reading requests: bytes into strict msgspec structs, every refusal naming the field.

Amounts are decimal strings; a JSON number in their place is refused. Unknown fields are refused, in
bodies and in query strings.
"""

import re
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

import msgspec

from cse.core.errors import InvalidAmount
from cse.core.money import parse_multiple, parse_units
from cse.gateway.problems import edge_problem, invalid
from cse.messages.catalog import Asset, Market

T = TypeVar("T")

MAX_DEPTH: Final = 16
"""How deep arrays and objects of a body may lie in each other."""

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_EXPECTED = re.compile(
    r"Expected `(?P<wanted>[^`]*)`(?:, got `(?P<got>[^`]*)`)?(?P<rest>.*)", re.DOTALL
)
_DECODERS: Final[dict[Any, msgspec.json.Decoder[Any]]] = {}
"""One compiled decoder per request type."""
_NESTING = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_NO_INTEGER: Final = "must be a whole number in digits"
_INTEGERS: Final[dict[Any, frozenset[str]]] = {}
"""The parameters that are integers, by query type."""
_TYPE_WORDS: Final = {
    "str": "text in quotes",
    "int": "a whole number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "float": "a number",
    "null": "null",
}


def decode(cls: type[T], raw: bytes | msgspec.Raw) -> T:
    """Return a JSON body as a struct.

    Raises:
        ApiProblem: 400 `invalid_json` or `invalid_request` with the field named.
    """
    decoder = _DECODERS.get(cls)
    if decoder is None:
        decoder = _DECODERS[cls] = msgspec.json.Decoder(cls)
    try:
        return decoder.decode(raw)  # type: ignore[no-any-return]  # the decoder was made for T
    except msgspec.ValidationError as error:
        raise invalid(explain(cls, str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise edge_problem("invalid_json", _about_json(error)) from error
    except RecursionError as error:
        raise edge_problem("invalid_json", "The body is nested too deeply.") from error


def _about_json(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "The body is not valid UTF-8."
    return f"The body is not valid JSON: {str(error).removeprefix('JSON is malformed: ')}."


def nested_too_deeply(raw: bytes) -> bool:
    """Tell whether a JSON text nests deeper than MAX_DEPTH, whoever will parse it."""
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _NESTING.finditer(raw):
        mark = token[0]
        depth += (mark in {b"{", b"["}) - (mark in {b"}", b"]"})
        if depth > MAX_DEPTH:
            return True
    return False


def query(cls: type[T], raw: bytes) -> T:
    """Return a query string as a struct; integers are given in digits.

    Raises:
        ApiProblem: 400 naming the parameter that is unknown, doubled, missing or malformed.
    """
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=32
        )
    except ValueError as error:
        raise invalid({"query": "is no valid query string"}) from error
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        raise invalid({name: "is given twice" for name in values if names.count(name) > 1})
    integers = _INTEGERS.get(cls)
    if integers is None:
        integers = _INTEGERS[cls] = _integers_of(cls)
    numbers = {name: text for name, text in values.items() if name in integers}
    if wrong := {
        name: _NO_INTEGER for name, text in numbers.items() if not _INTEGER.fullmatch(text)
    }:
        raise invalid(wrong)
    try:
        return msgspec.convert(
            {**values, **{name: int(text) for name, text in numbers.items()}}, cls
        )
    except msgspec.ValidationError as error:
        raise invalid(explain(cls, str(error))) from error


def _integers_of(cls: type[Any]) -> frozenset[str]:
    fields = msgspec.inspect.type_info(cls).fields  # type: ignore[attr-defined]  # cls is a struct
    return frozenset(field.encode_name for field in fields if _holds_integer(field.type))


def _holds_integer(kind: msgspec.inspect.Type) -> bool:
    if isinstance(kind, msgspec.inspect.Metadata):
        return _holds_integer(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return any(map(_holds_integer, kind.types))
    return isinstance(kind, msgspec.inspect.IntType)


def explain(cls: type[Any], message: str) -> dict[str, str]:
    """Turn msgspec's words into {field: what is wrong with it}, for people."""
    found = _AT.match(message)
    what, path = (found["what"], found["path"]) if found else (message, None)
    place = (path or "").lstrip(".")
    for pattern, verdict in (
        (_UNKNOWN, "is not a field of this request"),
        (_MISSING, "is required"),
    ):
        if named := pattern.match(what):
            return {f"{place}.{named['name']}".lstrip("."): verdict}
    return {place or "body": _verdict(cls, place, what)}


def _verdict(cls: type[Any], place: str, what: str) -> str:
    choices = _choices(cls, place)
    if choices:
        return f"must be one of {', '.join(choices)}"
    if expected := _EXPECTED.match(what):
        if place and expected["wanted"].startswith("str") and expected["got"] in {"int", "float"}:
            return (
                "must be text in quotes: amounts and prices are decimal strings, never JSON numbers"
            )
        words = [_TYPE_WORDS.get(word.strip(), word) for word in expected["wanted"].split("|")]
        return f"must be {' or '.join(words)}{expected['rest']}"
    return what[:1].lower() + what[1:]


def _choices(cls: Any, place: str) -> list[str]:
    if not isinstance(cls, type):  # a union of structs
        return []
    hint = get_type_hints(cls).get(place)
    options = get_args(hint) if get_origin(hint) is not Literal else (hint,)
    return [
        str(choice)
        for option in options
        if get_origin(option) is Literal
        for choice in get_args(option)
    ]


class Amounts:
    """Decimal strings of one request into integers; problems are gathered and raised together."""

    __slots__ = ("problems",)

    def __init__(self) -> None:
        """Begin with no problems."""
        self.problems: dict[str, str] = {}

    def price(self, field: str, text: str | None, market: Market) -> int:
        """Return ticks; 0 when not given."""
        return self._positive(field, text, market.price_scale, market.tick_size)

    def quantity(self, field: str, text: str | None, market: Market) -> int:
        """Return lots; 0 when not given."""
        return self._positive(field, text, market.quantity_scale, market.lot_step)

    def units(self, field: str, text: str | None, asset: Asset) -> int:
        """Return asset units; 0 when not given."""
        return self._positive(field, text, asset.scale, 1)

    def refuse(self, field: str, message: str) -> None:
        """Note what is wrong with a field."""
        self.problems.setdefault(field, message)

    def check(self) -> None:
        """Raise the 400 that names every field with a problem, if there is any."""
        if self.problems:
            raise invalid(self.problems)

    def _positive(self, field: str, text: str | None, scale: int, step: int) -> int:
        if text is None:
            return 0
        try:
            value = parse_units(text, scale) if step == 1 else parse_multiple(text, scale, step)
        except InvalidAmount as error:
            self.refuse(field, str(error))
            return 0
        if not value:
            self.refuse(field, "must be greater than zero")
        return value


def require_json(content_type: bytes | None) -> None:
    """Refuse a body that says it is something else than JSON; saying nothing is fine.

    Raises:
        ApiProblem: 415.
    """
    if content_type and content_type.partition(b";")[0].strip().lower() != b"application/json":
        raise edge_problem("unsupported_media_type")
