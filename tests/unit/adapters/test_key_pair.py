"""A private key is written where its owner alone can read it, whole, and never over anything."""

import os
import stat
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from cse.adapters.keys.pair import read_private_key, write_key_pair
from cse.users.ed25519 import is_signed
from cse.users.errors import DamagedKeys


def test_what_is_written_signs_for_what_is_told(tmp_path: Path) -> None:
    """Read back, it is the other half of the public key; nobody else may read it, whatever the umask."""
    file = tmp_path / "bot.pem"
    old = os.umask(0)
    try:
        public_key = b64decode(write_key_pair(file))
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert is_signed(public_key, b"message", read_private_key(file).sign(b"message"))


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A file that is there stays as it is, also through a link."""
    file, link = tmp_path / "bot.pem", tmp_path / "link.pem"
    write_key_pair(file)
    before = file.read_bytes()
    link.symlink_to(tmp_path / "elsewhere.pem")
    for there in (file, link):
        with pytest.raises(FileExistsError):
            write_key_pair(there)
    assert file.read_bytes() == before
    assert not (tmp_path / "elsewhere.pem").exists()


def test_what_could_not_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: half a key would stand in the way of the next attempt."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cse.adapters.keys.pair.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_key_pair(tmp_path / "bot.pem")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no key",
        X25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pass phrase")
        ),
    ],
    ids=["empty", "text", "another kind", "with a pass phrase"],
)
def test_what_is_no_such_key_is_told(tmp_path: Path, text: bytes) -> None:
    """One sentence that names the file."""
    file = tmp_path / "bot.pem"
    file.write_bytes(text)
    with pytest.raises(DamagedKeys, match=str(file)):
        read_private_key(file)
