"""Everything about passkeys that the gateway serves."""

from typing import NamedTuple

from cse.users.passkeys.log_in import PasskeyLogIns
from cse.users.passkeys.service import Passkeys


class PasskeyDesk(NamedTuple):
    """A person's own, and the way in."""

    own: Passkeys
    log_ins: PasskeyLogIns
