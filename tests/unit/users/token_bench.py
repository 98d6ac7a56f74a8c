"""A key ring, a clock, and tokens made by hand, for tests of what is refused."""

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from cse.users.errors import InvalidToken
from cse.users.keys import Keys
from cse.users.model import ALL_SCOPES, Claims
from cse.users.tokens import AccessTokens
from tests.unit.users.people import START_MS, FakeClock
from tests.unit.users.stores import MemoryKeyStore

CLAIMS = Claims(7, 1_000, "a" * 32, ALL_SCOPES, START_MS + 900_000)


class Bench:
    """A ring, a clock, and tokens made by hand."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryKeyStore()
        self.keys = Keys(self.store, self.clock)
        self.tokens = AccessTokens(self.keys, self.clock, access_ms=900_000)
        self.kid, self.key = self.keys.active
        now_s = START_MS // 1000
        self.payload: dict[str, Any] = {
            "iss": "cse",
            "aud": "cse-api",
            "sub": "7",
            "acc": 1_000,
            "sid": "a" * 32,
            "scope": "read",
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + 900,
        }

    def sign(self, **changes: Any) -> str:
        """A token with our key and the right header; a claim that is None is left out."""
        payload = {
            name: value for name, value in (self.payload | changes).items() if value is not None
        }
        headers = {"kid": self.kid, "typ": "at+jwt"}
        return jwt.encode(payload, self.key, algorithm="EdDSA", headers=headers)

    def by_hand(self, header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
        """Header and payload as given, signed by `sign`."""
        text = f"{base64_of(header)}.{base64_of(self.payload)}"
        return f"{text}.{base64.urlsafe_b64encode(sign(text.encode())).rstrip(b'=').decode()}"


def base64_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refused(bench: Bench, token: str, code: str = "invalid_token") -> bool:
    """Whether the token is refused with this code; fails if it is taken."""
    with pytest.raises(InvalidToken) as error:
        bench.tokens.verify(token)
    return error.value.code == code
