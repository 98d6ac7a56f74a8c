"""Ed25519 key pairs for programs: the private key in a file of its owner's, never anywhere else."""

import os
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from cse.users.errors import DamagedKeys

_MAX_BYTES = 10_000


def write_key_pair(path: Path) -> str:
    """Write a new private key (PKCS #8 in PEM, as OpenSSL reads it) and return the public key in base64.

    The file is readable by its owner only, and is on disk when this returns.

    Raises:
        FileExistsError: the file is there; it is never written over.
        OSError: it cannot be written; nothing is left behind.
    """
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return b64encode(private.public_key().public_bytes_raw()).decode("ascii")


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key that a file holds.

    Raises:
        DamagedKeys: it holds none, or another kind, or one that wants a pass phrase.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        text = file.read(_MAX_BYTES)
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError) as error:
        raise DamagedKeys(f"{path} holds no private key without a pass phrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DamagedKeys(f"{path} holds a private key, but none of Ed25519")
    return key
