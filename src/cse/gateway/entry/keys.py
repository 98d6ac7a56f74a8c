"""Who may log in: the port to API keys, as `cse.users.api_keys` fills it."""

from typing import Protocol

from cse.users.model import KeyPrincipal, KeyRefused


class Keys(Protocol):
    """Verifies log-ins by API key."""

    async def verify(
        self, key_id: str, *, message: bytes, signature: bytes, client_ip: str | None
    ) -> KeyPrincipal | KeyRefused:
        """Return whose key signed (Ed25519) the message.

        Raises:
            Unavailable: keys cannot be looked up now.
        """
        ...

    def is_revoked(self, key_id: str) -> bool:
        """Return whether the key is not good any more. Quick: asked several times a second."""
        ...


def is_over(keys: Keys, owner: KeyPrincipal, now_ms: int) -> bool:
    """Return whether what was begun with this key must end."""
    expired = owner.expires_at is not None and owner.expires_at <= now_ms
    return expired or keys.is_revoked(owner.key_id)
