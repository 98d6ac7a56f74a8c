"""The password and token paths in constant time where it matters: which comparison and which work, never a clock."""

import ast
import hmac
from pathlib import Path

import bcrypt
import pytest

from cse.users import key_proofs, recovery_codes, totp
from cse.users.passwords import NO_PASSWORD, PasswordHasher

USERS = Path(totp.__file__).parent
SECRET_WORDS = ("digest", "mac", "signature", "secret", "code", "token", "nonce", "proof")


def _compared(source: Path) -> list[str]:
    """Every `==` or `!=` of a module between two values whose names say that they are secrets."""
    found = []
    for node in ast.walk(ast.parse(source.read_text())):
        if not isinstance(node, ast.Compare) or len(node.comparators) != 1:
            continue
        if not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        sides = [node.left, node.comparators[0]]
        names = [
            side.id if isinstance(side, ast.Name) else side.attr
            for side in sides
            if isinstance(side, ast.Name | ast.Attribute)
        ]
        if len(names) == 2 and all(_is_secret(name) for name in names):
            found.append(f"{source.name}:{node.lineno}: {ast.unparse(node)}")
    return found


def _is_secret(name: str) -> bool:
    return any(word in name.lower().split("_") for word in SECRET_WORDS)


def test_no_secret_is_compared_by_equality() -> None:
    """In the whole user service, the gateway and the adapters; stores in SQL look rows up by digests of secrets."""
    source = USERS.parent
    folders = (USERS, source / "gateway", source / "adapters")
    modules = [module for folder in folders for module in folder.rglob("*.py")]
    modules = [module for module in modules if module.parent.name != "sql"]
    assert len(modules) > 200
    assert [each for module in modules for each in _compared(module)] == []


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, bytes]]:
    """What was compared in constant time."""
    seen: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        seen.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    return seen


def test_a_totp_code_is_compared_with_every_step(compared: list[tuple[bytes, bytes]]) -> None:
    """Right or wrong, first step or last: three codes are made and compared."""
    secret, now_ms = totp.new_secret(), 1_700_000_000_000
    step = now_ms // 1_000 // totp.STEP_SECONDS
    codes = [totp.code_at(secret, step + skew) for skew in (-1, 0, 1)]
    for code in (*codes, "000000", "", "x" * 100):
        compared.clear()
        totp.matching_step(secret, code, now_ms)
        assert len(compared) == 3


def test_a_recovery_code_is_compared_with_every_one(compared: list[tuple[bytes, bytes]]) -> None:
    """The first of ten and none of ten cost ten comparisons."""
    stored = [bytes([number]) * 32 for number in range(10)]
    for wanted in (stored[0], stored[9], b"?" * 32):
        compared.clear()
        recovery_codes.find([wanted], stored)
        assert len(compared) == 10


def test_a_mac_of_an_unknown_key_costs_a_comparison(compared: list[tuple[bytes, bytes]]) -> None:
    """Who guesses key ids learns nothing from the work: an HMAC is made and compared for nobody's key, too."""
    assert not key_proofs.is_proved(None, None, b"message", b"m" * 32, 0)
    assert [(len(one), other) for one, other in compared] == [(32, b"m" * 32)]


async def test_a_password_of_nobody_costs_a_bcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody, somebody without a password and somebody with another one: one check each, of the same cost."""
    checked: list[bytes] = []
    real = bcrypt.checkpw

    def spy(password: bytes, hashed: bytes) -> bool:
        checked.append(hashed[:7])
        return bool(real(password, hashed))

    monkeypatch.setattr(bcrypt, "checkpw", spy)
    hasher = PasswordHasher(4, threads=1)
    try:
        for stored in (None, NO_PASSWORD, await hasher.hash("another one")):
            assert not await hasher.verify("a guess", stored)
    finally:
        hasher.close()
    assert checked == [b"$2b$04$"] * 3
