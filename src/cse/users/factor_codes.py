"""A person's recovery codes: made, digested for the store, and each good once."""

from typing import Final

from cse.core.clock import Clock
from cse.users import recovery_codes
from cse.users.audit import Act, AuditAct, AuditTrail, user_actor
from cse.users.factor_ports import FactorStore
from cse.users.secret_box import SecretBox

_CODES: Final = "recovery-codes"


class RecoveryCodes:
    """Knows codes by keyed digests only."""

    def __init__(self, store: FactorStore, box: SecretBox, audit: AuditTrail, clock: Clock) -> None:
        """Use these."""
        self._store = store
        self._box = box
        self._audit = audit
        self._clock = clock

    def new(self, user_id: int) -> tuple[list[str], list[bytes]]:
        """Return ten codes and what is stored of them."""
        codes = recovery_codes.new_codes()
        owner = user_actor(user_id)
        plain = [recovery_codes.normalise(code) or b"" for code in codes]
        return codes, [self._box.digests(_CODES, owner, each)[0] for each in plain]

    async def use(self, user_id: int, code: str) -> bool:
        """Use a code up; False: it is wrong, or was used before. Raises Unavailable."""
        plain = recovery_codes.normalise(code)
        unused = await self._store.unused_codes(user_id)
        who = user_actor(user_id)
        wanted = self._box.digests(_CODES, who, plain or b"")
        digest = recovery_codes.find(wanted, unused)
        if plain is None or digest is None:
            return False
        left = {"codes_left": len(unused) - 1}
        await self._audit.record(
            AuditAct(act=Act.RECOVERY_CODE_USED, actor=who, object=who, after=left)
        )
        return await self._store.use_code(user_id, digest, self._clock.now_ms())
